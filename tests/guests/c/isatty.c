// Prints what isatty answers for the three standard streams.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (int fd = 0; fd <= 2; fd++) printf("%d: %d\n", fd, isatty(fd));
  return 0;
}
