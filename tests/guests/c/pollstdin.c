// Waits with poll for standard input, at most as many milliseconds as its argument says (-1: forever), then reads
// what is there without waiting again.
//
// Prints "timeout", or "readable" and what was read.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  int ready = poll(&input, 1, argc > 1 ? atoi(argv[1]) : -1);
  if (ready < 0) {
    printf("poll: %s\n", strerror(errno));
    return 1;
  }
  if (ready == 0) {
    printf("timeout\n");
    return 0;
  }
  printf("readable%s\n", input.revents & POLLHUP ? ", hung up" : "");
  char bytes[256];
  ssize_t length = read(0, bytes, sizeof bytes);
  if (length < 0) {
    printf("read: %s\n", strerror(errno));
    return 1;
  }
  printf("%zd bytes: %.*s\n", length, (int)length, bytes);
  return 0;
}
