/*
 * What a call costs: a guest and a native program of one source.
 *
 *   calls MS REPEATS     (natively: MS REPEATS WORK DEVICES [PORT])
 *
 * It prints the names of the operations that it can measure, and an empty line. Then it reads the number of one and
 * `.`, a line each, and answers `ok NS` (of one call, the best of REPEATS loops that take some MS) or `error NUMBER`;
 * and so on, until its input ends or the number is negative. The line `.` is unread meanwhile: it makes standard input
 * a descriptor that can be read.
 */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

enum { MAX_PIECES = 4, FILE_SIZE = 1 << 20, BUFFER_SIZE = 1 << 16 };

#define NAME "name"
#define DEEP "a/b/c/name"

struct file {
  int directory;
  const char *path;
  int access;
  int fd;
};

struct operation {
  const char *name;
  int (*once)(const struct operation *);
  struct file *file;
  size_t size;
  int pieces;
  const char *path;
};

static uint8_t buffer[BUFFER_SIZE];
static struct iovec pieces[MAX_PIECES];
static size_t left;

static struct file content = {WORK, "content", READS, -1};
static struct file written = {WORK, "written", READS | WRITES | CREATES, -1};
static struct file many = {WORK, "many", LISTS, -1};
static struct file zero = {DEVICES, "zero", READS, -1};
static struct file null = {DEVICES, "null", READS | WRITES, -1};

/* Begins again before the end of a file: a rewind in many calls counts with them. */
static inline int rewind_at_end(const struct operation *op) {
  int error = left < op->size ? call_rewind(op->file->fd) : 0;
  left = (left < op->size ? (size_t)FILE_SIZE : left) - op->size;
  return error;
}

static int clock_once(const struct operation *op) {
  (void)op;
  return call_clock();
}

static int random_once(const struct operation *op) {
  return call_random(buffer, op->size);
}

static int read_file(const struct operation *op) {
  int error = rewind_at_end(op);
  return error != 0 ? error : call_read(op->file->fd, pieces, op->pieces, op->size);
}

static int write_file(const struct operation *op) {
  int error = rewind_at_end(op);
  return error != 0 ? error : call_write(op->file->fd, pieces, op->pieces, op->size);
}

static int read_device(const struct operation *op) {
  return call_read(op->file->fd, pieces, op->pieces, op->size);
}

static int write_device(const struct operation *op) {
  return call_write(op->file->fd, pieces, op->pieces, op->size);
}

static int pread_once(const struct operation *op) {
  return call_pread(op->file->fd, pieces, op->pieces, op->size);
}

static int pwrite_once(const struct operation *op) {
  return call_pwrite(op->file->fd, pieces, op->pieces, op->size);
}

static int seek_once(const struct operation *op) {
  return call_rewind(op->file->fd);
}

static int fdstat_once(const struct operation *op) {
  return call_fdstat(op->file->fd);
}

static int filestat_once(const struct operation *op) {
  return call_filestat(op->file->fd);
}

static int path_filestat_once(const struct operation *op) {
  return call_path_filestat(directory_fds[WORK], op->path, op->size);
}

static int open_close(const struct operation *op) {
  int fd;
  int error = call_open(directory_fds[WORK], op->path, op->size, READS, &fd);
  return error != 0 ? error : call_close(fd);
}

static int readdir_once(const struct operation *op) {
  return call_readdir(op->file->fd);
}

static int poll_clock(const struct operation *op) {
  (void)op;
  return call_poll_clock();
}

static int poll_readable(const struct operation *op) {
  (void)op;
  return call_poll_ready(0, false);
}

static int create_remove(const struct operation *op) {
  int error = call_create_directory(directory_fds[WORK], op->path, op->size);
  return error != 0 ? error : call_remove_directory(directory_fds[WORK], op->path, op->size);
}

static int rename_once(const struct operation *op) {
  (void)op;
  static bool back = false;
  const char *from = back ? "new" : "old", *to = back ? "old" : "new";
  back = !back;
  return call_rename(directory_fds[WORK], from, 3, to, 3);
}

/* Where connections are non-blocking, a guest has to wait itself. */
static int recv_once(const struct operation *op) {
  (void)op;
  int error = call_recv(pieces);
  while (error == AGAIN && (error = call_poll_ready(socket_fd, false)) == 0) error = call_recv(pieces);
  return error;
}

static int send_once(const struct operation *op) {
  (void)op;
  int error = call_send(pieces);
  while (error == AGAIN && (error = call_poll_ready(socket_fd, true)) == 0) error = call_send(pieces);
  return error;
}

#define PATH(text) .path = text, .size = sizeof(text) - 1

#define TRANSFERS(name, once, file)                                                                             \
  {name " 1 B", once, file, 1, 1, NULL}, {name " 4 KiB", once, file, 4096, 1, NULL},                             \
      {name " 64 KiB", once, file, 65536, 1, NULL}, {name " 4 x 1 B", once, file, 4, 4, NULL},                   \
      {name " 4 x 1 KiB", once, file, 4096, 4, NULL}, { name " 4 x 16 KiB", once, file, 65536, 4, NULL }

static const struct operation files[] = {
    {.name = "clock_time_get", .once = clock_once},
    {.name = "random_get 16 B", .once = random_once, .size = 16},
    {"fd_read 1 B", read_file, &content, 1, 1, NULL},
    {"fd_read 4 KiB", read_file, &content, 4096, 1, NULL},
    {"fd_read 1 B, /dev/zero", read_device, &zero, 1, 1, NULL},
    {"fd_read 4 KiB, /dev/zero", read_device, &zero, 4096, 1, NULL},
    {"fd_write 1 B", write_file, &written, 1, 1, NULL},
    {"fd_write 4 KiB", write_file, &written, 4096, 1, NULL},
    {"fd_write 1 B, /dev/null", write_device, &null, 1, 1, NULL},
    {"fd_write 4 KiB, /dev/null", write_device, &null, 4096, 1, NULL},
    TRANSFERS("fd_pread", pread_once, &content),
    TRANSFERS("fd_pwrite", pwrite_once, &written),
    {.name = "fd_seek", .once = seek_once, .file = &content},
    {.name = "fd_fdstat_get", .once = fdstat_once, .file = &content},
    {.name = "fd_filestat_get", .once = filestat_once, .file = &content},
    {.name = "path_filestat_get", .once = path_filestat_once, PATH(NAME)},
    {.name = "path_filestat_get, deep", .once = path_filestat_once, PATH(DEEP)},
    {.name = "path_open + fd_close", .once = open_close, PATH(NAME)},
    {.name = "path_open + fd_close, deep", .once = open_close, PATH(DEEP)},
    {.name = "fd_readdir, 100 entries", .once = readdir_once, .file = &many},
    {.name = "poll_oneoff, elapsed clock", .once = poll_clock},
    {.name = "poll_oneoff, readable pipe", .once = poll_readable},
    {.name = "directory created, removed", .once = create_remove, PATH("made")},
    {.name = "path_rename", .once = rename_once},
};

static const struct operation sockets[] = {
    {.name = "sock_recv 1 B", .once = recv_once, .size = 1, .pieces = 1},
    {.name = "sock_send 1 B", .once = send_once, .size = 1, .pieces = 1},
};

static int prepare(const struct operation *op) {
  struct file *file = op->file;
  left = 0;
  for (int i = 0; i < op->pieces; i++) {
    size_t size = op->size / (size_t)op->pieces;
    pieces[i].iov_base = buffer + (size_t)i * size;
    pieces[i].iov_len = size;
  }
  if (file == NULL || file->fd >= 0) return 0;
  int directory = directory_fds[file->directory];
  return file->access & LISTS ? open_list(directory, file->path, strlen(file->path), &file->fd)
                              : call_open(directory, file->path, strlen(file->path), file->access, &file->fd);
}

static int loop(const struct operation *op, uint64_t rounds, double *ns) {
  uint64_t start, end;
  int error = now(&start);
  for (uint64_t i = 0; i < rounds && error == 0; i++) error = op->once(op);
  if (error == 0) error = now(&end);
  if (error == 0) *ns = (double)(end - start);
  return error;
}

/* The first loops find how many calls take the time; they let an engine compile what it runs, too. */
static int measure(const struct operation *op, double loop_ns, int repeats, double *best) {
  double ns = 0;
  uint64_t rounds = 1;
  int error = prepare(op);
  while (error == 0) {
    error = loop(op, rounds, &ns);
    if (ns > loop_ns / 4) break;
    rounds *= 2;
  }
  rounds = (uint64_t)((double)rounds * loop_ns / (ns + 1)) + 1;
  for (int i = 0; i < repeats && error == 0; i++) {
    error = loop(op, rounds, &ns);
    if (i == 0 || ns / (double)rounds < *best) *best = ns / (double)rounds;
  }
  return error;
}

static bool print(const char *text) {
  struct iovec piece = {(char *)text, strlen(text)};
  return call_write(1, &piece, 1, piece.iov_len) == 0;
}

/* Some hosts make standard input non-blocking. */
static bool read_byte(char *byte) {
  struct iovec piece = {byte, 1};
  int error;
  while ((error = call_read(0, &piece, 1, 1)) == AGAIN) {
    if (call_poll_ready(0, false) != 0) return false;
  }
  return error == 0;
}

/* One line of standard input, without what follows it. */
static bool read_line(char *line, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (!read_byte(&line[i])) return false;
    if (line[i] != '\n') continue;
    line[i] = '\0';
    return true;
  }
  return false;
}

int main(int argc, char **argv) {
  const char *problem = argc < 3 ? "MS and REPEATS are to be given" : find_operands(argc - 3, argv + 3);
  if (problem != NULL) {
    print(problem);
    return 2;
  }
  double loop_ns = atoi(argv[1]) * 1e6;
  int repeats = atoi(argv[2]);
  const struct operation *operations = socket_fd < 0 ? files : sockets;
  long count = socket_fd < 0 ? sizeof files / sizeof *files : sizeof sockets / sizeof *sockets;
  for (long i = 0; i < count; i++) {
    if (!print(operations[i].name) || !print("\n")) return 1;
  }
  if (!print("\n")) return 1;
  char line[32];
  while (read_line(line, sizeof line)) {
    long index = strtol(line, NULL, 10);
    if (index < 0 || index >= count) return 0;
    double best = 0;
    int error = measure(&operations[index], loop_ns, repeats, &best);
    char answer[64];
    if (error == 0) snprintf(answer, sizeof answer, "ok %.2f\n", best);
    else snprintf(answer, sizeof answer, "error %d\n", error);
    if (!read_line(line, sizeof line) || !print(answer)) return 1;
  }
  return 0;
}
