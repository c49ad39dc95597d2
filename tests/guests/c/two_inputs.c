// Reads standard input to its end, twice, as a terminal lets one. With the argument "poll" it polls before each read.
//
// Prints "N bytes" for each read and "end" for each end.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int wait_for_input(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  return poll(&input, 1, -1);
}

int main(int argc, char **argv) {
  int polls = argc > 1 && strcmp(argv[1], "poll") == 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("ready\n");
  for (int ends = 0; ends < 2;) {
    char bytes[256];
    if (polls && wait_for_input() < 0) {
      printf("poll: %s\n", strerror(errno));
      return 1;
    }
    ssize_t length = read(0, bytes, sizeof bytes);
    if (length < 0) {
      printf("read: %s\n", strerror(errno));
      return 1;
    }
    if (length > 0) {
      printf("%zd bytes\n", length);
      continue;
    }
    printf("end\n");
    ends++;
  }
  return 0;
}
