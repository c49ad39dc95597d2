// Makes standard input non-blocking, reads nothing from it, makes it blocking again, and reads what comes.
//
// To be run with an input on which nothing stands yet, and something comes after a while. Prints:
//   flags: blocking
//   flags: non-blocking
//   read: Resource temporarily unavailable
//   flags: blocking
//   read N bytes: ...
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_flags(void) {
  int flags = fcntl(0, F_GETFL);
  if (flags < 0) printf("flags: %s\n", strerror(errno));
  else printf("flags: %s\n", flags & O_NONBLOCK ? "non-blocking" : "blocking");
}

static void set_nonblocking(int on) {
  int flags = fcntl(0, F_GETFL);
  flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (fcntl(0, F_SETFL, flags) < 0) printf("F_SETFL: %s\n", strerror(errno));
}

static void read_once(void) {
  char bytes[256];
  ssize_t length = read(0, bytes, sizeof bytes);
  if (length < 0) printf("read: %s\n", strerror(errno));
  else printf("read %zd bytes: %.*s\n", length, (int)length, bytes);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  print_flags();
  set_nonblocking(1);
  print_flags();
  read_once();
  set_nonblocking(0);
  print_flags();
  read_once();
  return 0;
}
