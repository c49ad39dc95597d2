/* Files and directories by POSIX calls, one line for each. argv[1] is the directory to work in. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char data[100000];

static int say(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
  return (int)result;
}

static void list(int dir) {
  DIR *stream = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
  if (stream == NULL) {
    say("fdopendir", -1);
    return;
  }
  int count = 0, directories = 0;
  for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    count++;
    directories += entry->d_type == DT_DIR;
  }
  printf("entries: %d, directories: %d\n", count, directories);
  closedir(stream);
}

static void attributes(int dir, const char *name, int flags) {
  struct stat st;
  if (say("fstatat", fstatat(dir, name, &st, flags)) < 0) return;
  if (S_ISREG(st.st_mode)) {
    printf("%s: %lld bytes, %d links, %lld.%09ld\n", name, (long long)st.st_size, (int)st.st_nlink,
           (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  } else {
    printf("%s: mode %o\n", name, st.st_mode & S_IFMT);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  int root = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (root < 0) return say("open", root);
  say("mkdirat", mkdirat(root, "dir", 0755));
  say("mkdirat again", mkdirat(root, "dir", 0755));
  int dir = openat(root, "dir", O_RDONLY | O_DIRECTORY);
  int fd = openat(dir, "file", O_RDWR | O_CREAT | O_EXCL, 0644);
  say("exclusively again", openat(dir, "file", O_RDWR | O_CREAT | O_EXCL, 0644));
  for (size_t i = 0; i < sizeof data; i++) data[i] = (char)('a' + i % 26);
  say("write", write(fd, data, sizeof data));
  say("pwrite", pwrite(fd, "XYZ", 3, 10));
  say("lseek", lseek(fd, 8, SEEK_SET));
  char piece[16] = {0};
  say("read", read(fd, piece, 8));
  printf("%s\n", piece);
  say("pread", pread(fd, piece, 15, 99990));
  say("pread at the end", pread(fd, piece, 15, 100000));
  say("lseek to the end", lseek(fd, 0, SEEK_END));
  say("read at the end", read(fd, piece, 8));
  size_t total = 0;
  lseek(fd, 0, SEEK_SET);
  for (ssize_t n; (n = read(fd, data, 50000)) > 0;) total += (size_t)n;
  printf("read in all: %zu\n", total);
  say("ftruncate", ftruncate(fd, 5));
  int end = openat(dir, "file", O_WRONLY | O_APPEND);
  say("append", write(end, "!", 1));
  say("append", write(end, "?", 1));
  say("read from write-only", read(end, piece, 1));
  struct timespec times[2] = {{1000, 500000000}, {1234567890, 250000000}};
  say("futimens", futimens(fd, times));
  attributes(dir, "file", 0);
  say("fsync", fsync(fd));
  say("fdatasync", fdatasync(fd));
  say("posix_fadvise", posix_fadvise(fd, 0, 10, POSIX_FADV_WILLNEED));
  say("symlinkat", symlinkat("file", dir, "link"));
  say("absolute symlinkat", symlinkat("/etc", dir, "absolute"));
  ssize_t length = readlinkat(dir, "link", piece, sizeof piece);
  printf("readlinkat: %.*s\n", (int)length, piece);
  attributes(dir, "link", 0);
  attributes(dir, "link", AT_SYMLINK_NOFOLLOW);
  say("linkat", linkat(dir, "file", root, "hard", 0));
  attributes(root, "hard", 0);
  say("renameat", renameat(root, "hard", dir, "renamed"));
  list(dir);
  list(root);
  say("unlink a directory", unlinkat(root, "dir", 0));
  say("rmdir not empty", unlinkat(root, "dir", AT_REMOVEDIR));
  say("outside", openat(dir, "../../outside", O_RDONLY));
  say("missing", openat(dir, "missing", O_RDONLY));
  say("through a file", openat(dir, "file/x", O_RDONLY));
  say("write to read-only", write(openat(dir, "file", O_RDONLY), "x", 1));
  say("directory for writing", openat(root, "dir", O_RDWR));
  struct stat a, b;
  fstat(fd, &a);
  fstatat(dir, "renamed", &b, 0);
  printf("same file: %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  const char *names[] = {"file", "link", "renamed"};
  for (int i = 0; i < 3; i++) say("unlinkat", unlinkat(dir, names[i], 0));
  say("read of what is gone", pread(fd, piece, 15, 0));
  say("rmdir", unlinkat(root, "dir", AT_REMOVEDIR));
  return 0;
}
