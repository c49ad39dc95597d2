/* The system's own calls that serve the same end. */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN = EAGAIN };

static int directory_fds[DIRECTORIES];
static int socket_fd = -1;
static DIR *list;

#define RESULT(call) ((call) < 0 ? errno : 0)

static inline __attribute__((always_inline)) int moved_all(ssize_t moved, size_t expected) {
  if (moved < 0) return errno;
  return (size_t)moved == expected ? 0 : WRONG_RESULT;
}

/* Arguments behind those of the guest: the two directories, and the port of 127.0.0.1 to connect to. */
static const char *find_operands(int argc, char **argv) {
  if (argc < DIRECTORIES || argc > DIRECTORIES + 1) return "two directories and perhaps a port are to be given";
  for (int i = 0; i < DIRECTORIES; i++) {
    directory_fds[i] = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory_fds[i] < 0) return "a directory cannot be opened";
  }
  if (argc == DIRECTORIES) return NULL;
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[DIRECTORIES]))};
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_fd < 0 || connect(socket_fd, (struct sockaddr *)&peer, sizeof peer) < 0) return "there is no peer";
  return NULL;
}

CALL now(uint64_t *ns) {
  struct timespec time;
  int error = RESULT(clock_gettime(CLOCK_MONOTONIC, &time));
  *ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
  return error;
}

CALL call_clock(void) {
  uint64_t ns;
  return now(&ns);
}

CALL call_random(uint8_t *bytes, size_t length) {
  return RESULT(getentropy(bytes, length));
}

CALL call_read(int fd, const struct iovec *pieces, int count, size_t expected) {
  (void)count;
  return moved_all(read(fd, pieces->iov_base, pieces->iov_len), expected);
}

CALL call_write(int fd, const struct iovec *pieces, int count, size_t expected) {
  (void)count;
  return moved_all(write(fd, pieces->iov_base, pieces->iov_len), expected);
}

CALL call_pread(int fd, const struct iovec *pieces, int count, size_t expected) {
  if (count == 1) return moved_all(pread(fd, pieces->iov_base, pieces->iov_len, 0), expected);
  return moved_all(preadv(fd, pieces, count, 0), expected);
}

CALL call_pwrite(int fd, const struct iovec *pieces, int count, size_t expected) {
  if (count == 1) return moved_all(pwrite(fd, pieces->iov_base, pieces->iov_len, 0), expected);
  return moved_all(pwritev(fd, pieces, count, 0), expected);
}

CALL call_rewind(int fd) {
  return RESULT(lseek(fd, 0, SEEK_SET));
}

CALL call_fdstat(int fd) {
  return RESULT(fcntl(fd, F_GETFL));
}

CALL call_filestat(int fd) {
  struct stat filestat;
  return RESULT(fstat(fd, &filestat));
}

CALL call_path_filestat(int directory, const char *path, size_t length) {
  (void)length;
  struct stat filestat;
  return RESULT(fstatat(directory, path, &filestat, 0));
}

CALL call_open(int directory, const char *path, size_t length, int access, int *fd) {
  (void)length;
  int flags = O_CLOEXEC | (access & WRITES ? O_RDWR : O_RDONLY) | (access & CREATES ? O_CREAT | O_TRUNC : 0);
  *fd = openat(directory, path, flags, 0666);
  return *fd < 0 ? errno : 0;
}

CALL call_close(int fd) {
  return RESULT(close(fd));
}

CALL open_list(int directory, const char *path, size_t length, int *fd) {
  int error = call_open(directory, path, length, READS, fd);
  if (error != 0) return error;
  list = fdopendir(*fd);
  return list == NULL ? errno : 0;
}

CALL call_readdir(int fd) {
  (void)fd;
  rewinddir(list);
  int entries = 0;
  while (readdir(list) != NULL) entries++;
  return entries == 102 ? 0 : WRONG_RESULT;
}

CALL call_poll_clock(void) {
  return RESULT(poll(NULL, 0, 0));
}

CALL call_poll_ready(int fd, bool to_write) {
  struct pollfd ready = {.fd = fd, .events = to_write ? POLLOUT : POLLIN};
  if (poll(&ready, 1, -1) < 0) return errno;
  return ready.revents & ready.events ? 0 : WRONG_RESULT;
}

CALL call_create_directory(int directory, const char *path, size_t length) {
  (void)length;
  return RESULT(mkdirat(directory, path, 0777));
}

CALL call_remove_directory(int directory, const char *path, size_t length) {
  (void)length;
  return RESULT(unlinkat(directory, path, AT_REMOVEDIR));
}

CALL call_rename(int directory, const char *from, size_t from_length, const char *to, size_t to_length) {
  (void)from_length, (void)to_length;
  return RESULT(renameat(directory, from, directory, to));
}

CALL call_recv(const struct iovec *piece) {
  return moved_all(recv(socket_fd, piece->iov_base, piece->iov_len, 0), piece->iov_len);
}

CALL call_send(const struct iovec *piece) {
  return moved_all(send(socket_fd, piece->iov_base, piece->iov_len, 0), piece->iov_len);
}
