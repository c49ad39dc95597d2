// Opens the file "out.txt", moves it to descriptor 1, and prints: the text must be in the file.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wasi/api.h>

int main(void) {
  int fd = open("out.txt", O_CREAT | O_TRUNC | O_WRONLY, 0666);
  if (fd < 0) {
    fprintf(stderr, "open: %s\n", strerror(errno));
    return 1;
  }
  __wasi_errno_t error = __wasi_fd_renumber((__wasi_fd_t)fd, 1);
  if (error != 0) {
    fprintf(stderr, "fd_renumber: %d\n", error);
    return 1;
  }
  printf("into the file\n");
  fflush(stdout);
  if (close(fd) == 0 || errno != EBADF) {
    fprintf(stderr, "the old descriptor is still open\n");
    return 1;
  }
  return 0;
}
