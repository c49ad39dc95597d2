/* Imports of preview 1, called as they are: without a C library in between. */

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t wasi_##name

IMPORT(clock_time_get)(int32_t clock, int64_t precision, uint64_t *time);
IMPORT(random_get)(uint8_t *bytes, int32_t length);
IMPORT(fd_read)(int32_t fd, const struct iovec *pieces, int32_t count, int32_t *moved);
IMPORT(fd_write)(int32_t fd, const struct iovec *pieces, int32_t count, int32_t *moved);
IMPORT(fd_pread)(int32_t fd, const struct iovec *pieces, int32_t count, int64_t offset, int32_t *moved);
IMPORT(fd_pwrite)(int32_t fd, const struct iovec *pieces, int32_t count, int64_t offset, int32_t *moved);
IMPORT(fd_seek)(int32_t fd, int64_t offset, int32_t whence, int64_t *position);
IMPORT(fd_close)(int32_t fd);
IMPORT(fd_fdstat_get)(int32_t fd, uint8_t *fdstat);
IMPORT(fd_filestat_get)(int32_t fd, uint64_t *filestat);
IMPORT(fd_prestat_get)(int32_t fd, int32_t *prestat);
IMPORT(fd_readdir)(int32_t fd, uint8_t *entries, int32_t length, int64_t cookie, int32_t *used);
IMPORT(path_open)(int32_t fd, int32_t dirflags, const char *path, int32_t length, int32_t oflags, int64_t rights,
                  int64_t inheriting, int32_t fdflags, int32_t *opened);
IMPORT(path_filestat_get)(int32_t fd, int32_t flags, const char *path, int32_t length, uint64_t *filestat);
IMPORT(path_create_directory)(int32_t fd, const char *path, int32_t length);
IMPORT(path_remove_directory)(int32_t fd, const char *path, int32_t length);
IMPORT(path_rename)(int32_t fd, const char *from, int32_t from_length, int32_t to_fd, const char *to,
                    int32_t to_length);
IMPORT(poll_oneoff)(const uint64_t *subscriptions, uint64_t *events, int32_t count, int32_t *ready);
IMPORT(sock_recv)(int32_t fd, const struct iovec *pieces, int32_t count, int32_t flags, int32_t *moved,
                  int32_t *out_flags);
IMPORT(sock_send)(int32_t fd, const struct iovec *pieces, int32_t count, int32_t flags, int32_t *moved);

enum { PREOPENED_DIRECTORY = 0 };
enum { CLOCK_MONOTONIC_ID = 1, SYMLINK_FOLLOW = 1, FIRST_PREOPEN = 3, AGAIN = 6, SOCKET_STREAM = 6 };
enum { EVENT_FD_READ = 1, EVENT_FD_WRITE = 2 };
enum { O_CREAT_TRUNC = 1 | 8, O_DIRECTORY_ONLY = 2 };
enum { CONTENT = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 21 | 1 << 27, WRITING = 1 << 6, LISTING = 1 << 13 | 1 << 14 };

static int directory_fds[DIRECTORIES];
static int socket_fd = -1;

/* The preopens are the directories, in their order, and a connection before them or behind them. */
static const char *find_operands(int argc, char **argv) {
  (void)argc, (void)argv;
  int found = 0;
  int32_t prestat[2];
  for (int fd = FIRST_PREOPEN; fd < FIRST_PREOPEN + DIRECTORIES + 1; fd++) {
    uint8_t fdstat[24];
    if (wasi_fd_prestat_get(fd, prestat) == 0 && (prestat[0] & 0xff) == PREOPENED_DIRECTORY) {
      if (found < DIRECTORIES) directory_fds[found++] = fd;
    } else if (wasi_fd_fdstat_get(fd, fdstat) == 0 && fdstat[0] == SOCKET_STREAM) {
      socket_fd = fd;
    }
  }
  return found == DIRECTORIES ? NULL : "two directories are to be mounted";
}

CALL now(uint64_t *ns) {
  return wasi_clock_time_get(CLOCK_MONOTONIC_ID, 0, ns);
}

CALL call_clock(void) {
  uint64_t ns;
  return now(&ns);
}

CALL call_random(uint8_t *bytes, size_t length) {
  return wasi_random_get(bytes, length);
}

CALL call_read(int fd, const struct iovec *pieces, int count, size_t expected) {
  int32_t moved = 0;
  int error = wasi_fd_read(fd, pieces, count, &moved);
  return error != 0 || (size_t)moved == expected ? error : WRONG_RESULT;
}

CALL call_write(int fd, const struct iovec *pieces, int count, size_t expected) {
  int32_t moved = 0;
  int error = wasi_fd_write(fd, pieces, count, &moved);
  return error != 0 || (size_t)moved == expected ? error : WRONG_RESULT;
}

CALL call_pread(int fd, const struct iovec *pieces, int count, size_t expected) {
  int32_t moved = 0;
  int error = wasi_fd_pread(fd, pieces, count, 0, &moved);
  return error != 0 || (size_t)moved == expected ? error : WRONG_RESULT;
}

CALL call_pwrite(int fd, const struct iovec *pieces, int count, size_t expected) {
  int32_t moved = 0;
  int error = wasi_fd_pwrite(fd, pieces, count, 0, &moved);
  return error != 0 || (size_t)moved == expected ? error : WRONG_RESULT;
}

CALL call_rewind(int fd) {
  int64_t position;
  return wasi_fd_seek(fd, 0, 0, &position);
}

CALL call_fdstat(int fd) {
  uint8_t fdstat[24] __attribute__((aligned(8)));
  return wasi_fd_fdstat_get(fd, fdstat);
}

CALL call_filestat(int fd) {
  uint64_t filestat[8];
  return wasi_fd_filestat_get(fd, filestat);
}

CALL call_path_filestat(int directory, const char *path, size_t length) {
  uint64_t filestat[8];
  return wasi_path_filestat_get(directory, SYMLINK_FOLLOW, path, length, filestat);
}

CALL call_open(int directory, const char *path, size_t length, int access, int *fd) {
  int64_t rights = (access & LISTS ? LISTING : CONTENT) | (access & WRITES ? WRITING : 0);
  int32_t oflags = (access & CREATES ? O_CREAT_TRUNC : 0) | (access & LISTS ? O_DIRECTORY_ONLY : 0);
  int32_t opened = -1;
  int error = wasi_path_open(directory, SYMLINK_FOLLOW, path, length, oflags, rights, 0, 0, &opened);
  *fd = opened;
  return error;
}

CALL call_close(int fd) {
  return wasi_fd_close(fd);
}

CALL open_list(int directory, const char *path, size_t length, int *fd) {
  return call_open(directory, path, length, LISTS, fd);
}

CALL call_readdir(int fd) {
  static uint8_t entries[8192] __attribute__((aligned(8)));
  int32_t used = 0;
  int error = wasi_fd_readdir(fd, entries, sizeof entries, 0, &used);
  return error != 0 || (used > 2400 && (size_t)used < sizeof entries) ? error : WRONG_RESULT;
}

CALL call_poll_clock(void) {
  static const uint64_t elapsed[6] = {1, 0, CLOCK_MONOTONIC_ID, 0, 0, 0};
  uint64_t event[4];
  int32_t ready = 0;
  int error = wasi_poll_oneoff(elapsed, event, 1, &ready);
  return error != 0 || ready == 1 ? error : WRONG_RESULT;
}

CALL call_poll_ready(int fd, bool to_write) {
  uint64_t subscription[6] = {1, to_write ? EVENT_FD_WRITE : EVENT_FD_READ, (uint32_t)fd};
  uint64_t event[4] = {0};
  int32_t ready = 0;
  int error = wasi_poll_oneoff(subscription, event, 1, &ready);
  if (error == 0 && ready == 1) error = (uint16_t)event[1];
  return error != 0 || ready == 1 ? error : WRONG_RESULT;
}

CALL call_create_directory(int directory, const char *path, size_t length) {
  return wasi_path_create_directory(directory, path, length);
}

CALL call_remove_directory(int directory, const char *path, size_t length) {
  return wasi_path_remove_directory(directory, path, length);
}

CALL call_rename(int directory, const char *from, size_t from_length, const char *to, size_t to_length) {
  return wasi_path_rename(directory, from, from_length, directory, to, to_length);
}

CALL call_recv(const struct iovec *piece) {
  int32_t moved = 0, flags = 0;
  int error = wasi_sock_recv(socket_fd, piece, 1, 0, &moved, &flags);
  return error != 0 || (size_t)moved == piece->iov_len ? error : WRONG_RESULT;
}

CALL call_send(const struct iovec *piece) {
  int32_t moved = 0;
  int error = wasi_sock_send(socket_fd, piece, 1, 0, &moved);
  return error != 0 || (size_t)moved == piece->iov_len ? error : WRONG_RESULT;
}
