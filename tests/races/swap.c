/* Swaps directories, files and symbolic links as fast as it can, until its parent is gone or it is killed.
 *
 * swap OPERATION A B [OPERATION A B]...
 *
 *   exchange A B   the two change places
 *   move A B       A becomes B, or B becomes A again
 *   replace A B    A is in turn a symbolic link to B, an empty file, and gone
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

enum { ROUNDS = 1024, SECONDS = 900 };

static void exchange(const char *a, const char *b) {
  char other[4096];
#ifdef __linux__
  if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0 || (errno != EINVAL && errno != ENOSYS)) return;
#endif
  snprintf(other, sizeof other, "%s.other", a);
  rename(a, other);
  rename(b, a);
  rename(other, b);
}

static void replace(const char *name, const char *target) {
  int fd;
  unlink(name);
  if (symlink(target, name) != 0) return;
  unlink(name);
  fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0666);
  if (fd >= 0) close(fd);
}

int main(int argc, char **argv) {
  pid_t parent = getppid();
  alarm(SECONDS);
  if (write(1, "ready\n", 6) != 6) return 1;
  while (getppid() == parent) {
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 1; i + 2 < argc; i += 3) {
        const char *a = argv[i + 1], *b = argv[i + 2];
        if (strcmp(argv[i], "exchange") == 0) exchange(a, b);
        else if (strcmp(argv[i], "move") == 0 && rename(a, b) != 0) rename(b, a);
        else if (strcmp(argv[i], "replace") == 0) replace(a, b);
      }
    }
  }
  return 0;
}
