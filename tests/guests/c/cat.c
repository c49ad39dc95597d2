// Copies standard input to standard output with blocking reads and writes.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written < 0) return -1;
    bytes += written;
    length -= (size_t)written;
  }
  return 0;
}

int main(void) {
  char bytes[65536];
  for (;;) {
    ssize_t length = read(0, bytes, sizeof bytes);
    if (length == 0) return 0;
    if (length < 0 || write_all(bytes, (size_t)length) < 0) {
      fprintf(stderr, "cat: %s\n", strerror(errno));
      return 1;
    }
  }
}
