// Arguments, environment, standard streams, exit code: the last argument is the code.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argument: %s\n", argv[i]);
  const char *name = getenv("NAME");
  printf("NAME: %s, NONE: %d\n", name ? name : "(none)", getenv("NONE") == NULL);
  struct timespec before, after, pause = {.tv_nsec = 3000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&pause, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long slept = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  printf("slept: %d, it is later than 2020: %d\n", slept >= 3000000, time(NULL) > 1577836800);
  unsigned char some[256] = {0};
  int zero = 0;
  printf("getrandom: %d\n", getentropy(some, sizeof some));
  for (size_t i = 0; i < sizeof some; i++) zero += some[i] == 0;
  printf("random: %d\n", zero < 64);
  printf("isatty: %d %d\n", isatty(0), isatty(1));
  struct pollfd input = {.fd = 0, .events = POLLIN};
  printf("poll: %d\n", poll(&input, 1, 5000));
  char line[256];
  size_t total = 0;
  while (fgets(line, sizeof line, stdin) != NULL) total += strlen(line), printf("line: %s", line);
  printf("end of input: %zu %d\n", total, feof(stdin) != 0);
  fprintf(stderr, "to standard error\n");
  exit(argc > 1 ? atoi(argv[argc - 1]) : 0);
}
