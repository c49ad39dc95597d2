// Transfers of more pieces than one call takes. All that is written is 2,000 numbers of four digits.
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wasi/api.h>

#define COUNT 2000
#define SIZE 4
#define MOST (1024 * SIZE)

static char text[COUNT * SIZE + 1], room[COUNT * SIZE + 1];
static __wasi_ciovec_t out[COUNT];
static __wasi_iovec_t in[COUNT];

static int fail(const char *what, __wasi_errno_t errno_, __wasi_size_t size) {
  char line[100];
  int length = snprintf(line, sizeof line, "%s: errno %d, %d bytes\n", what, errno_, (int)size);
  if (write(2, line, length)) return 1;
  return 1;
}

static int is_short(__wasi_errno_t errno_, __wasi_size_t size) { return errno_ == 0 && size == MOST; }

static int write_all(__wasi_fd_t fd) {
  __wasi_size_t done = 0, size;
  // What is left is whole pieces, unless the host takes part of one.
  while (done < COUNT * SIZE) {
    __wasi_size_t first = done / SIZE, inside = done % SIZE;
    out[first].buf += inside;
    out[first].buf_len -= inside;
    __wasi_errno_t e = __wasi_fd_write(fd, out + first, COUNT - first, &size);
    out[first].buf -= inside;
    out[first].buf_len += inside;
    if (e != 0 || size == 0 || size > MOST) return fail("fd_write", e, size);
    done += size;
  }
  return 0;
}

static int file(void) {
  __wasi_fd_t fd;
  __wasi_size_t size;
  __wasi_filesize_t offset;
  const __wasi_rights_t rights = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE;
  __wasi_errno_t e = __wasi_path_open(3, 0, "file", __WASI_OFLAGS_CREAT, rights, 0, 0, &fd);
  if (e != 0) return fail("path_open", e, 0);
  e = __wasi_fd_write(fd, out, COUNT, &size);
  if (!is_short(e, size)) return fail("fd_write", e, size);
  e = __wasi_fd_pwrite(fd, out + 1024, COUNT - 1024, MOST, &size);
  if (e != 0 || size != (COUNT - 1024) * SIZE) return fail("fd_pwrite of the rest", e, size);
  e = __wasi_fd_pwrite(fd, out, COUNT, 0, &size);
  if (!is_short(e, size)) return fail("fd_pwrite", e, size);
  e = __wasi_fd_pread(fd, in, COUNT, 0, &size);
  if (!is_short(e, size) || memcmp(room, text, MOST) != 0) return fail("fd_pread", e, size);
  memset(room, 0, sizeof room);
  e = __wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &offset);
  if (e != 0) return fail("fd_seek", e, 0);
  e = __wasi_fd_read(fd, in, COUNT, &size);
  if (!is_short(e, size) || memcmp(room, text, MOST) != 0 || room[MOST] != 0) return fail("fd_read", e, size);
  e = __wasi_fd_read(fd, in + 1024, COUNT - 1024, &size);
  if (e != 0 || strcmp(room, text) != 0) return fail("fd_read of the rest", e, size);
  // The pieces after those that are taken are not looked at, nor is their number.
  e = __wasi_fd_pread(fd, in, 0xffffffff, 0, &size);
  if (!is_short(e, size)) return fail("fd_pread of 2^32 - 1 pieces", e, size);
  in[1500].buf_len = 0xffffffff;
  e = __wasi_fd_pread(fd, in, COUNT, 0, &size);
  if (!is_short(e, size)) return fail("fd_pread with a wrong piece behind the last one", e, size);
  in[1500].buf_len = SIZE;
  in[1000].buf_len = 0xffffffff;
  e = __wasi_fd_pread(fd, in, COUNT, 0, &size);
  if (e != __WASI_ERRNO_FAULT) return fail("fd_pread with a wrong piece", e, size);
  in[1000].buf_len = SIZE;
  return __wasi_fd_close(fd);
}

static int input(void) {
  memset(room, 0, sizeof room);
  __wasi_size_t done = 0, size;
  for (;;) {
    __wasi_errno_t e = __wasi_fd_read(0, in + done / SIZE, COUNT - done / SIZE, &size);
    if (e != 0 || size > MOST || size % SIZE != 0) return fail("fd_read of standard input", e, size);
    if (size == 0) break;
    done += size;
  }
  return strcmp(room, text) == 0 ? 0 : fail("standard input", 0, done);
}

int main(void) {
  for (int i = 0; i < COUNT; i++) {
    snprintf(text + i * SIZE, SIZE + 1, "%04d", i);
    out[i].buf = (uint8_t *)text + i * SIZE;
    in[i].buf = (uint8_t *)room + i * SIZE;
    out[i].buf_len = in[i].buf_len = SIZE;
  }
  return file() || input() || write_all(1);
}
