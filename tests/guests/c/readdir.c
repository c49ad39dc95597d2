// Lists the directory that its argument names, twice, rewinding in between: "type name", sorted by name; then the
// number of entries of the second pass, and whether seekdir came back to where telldir was.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = 4096 };

static char *entries[MAX_ENTRIES];

static const char *type_name(unsigned char type) {
  switch (type) {
    case DT_DIR: return "directory";
    case DT_REG: return "file";
    case DT_LNK: return "link";
    case DT_CHR: return "device";
    default: return "other";
  }
}

static int compare(const void *a, const void *b) {
  return strcmp(strchr(*(char *const *)a, ' '), strchr(*(char *const *)b, ' '));
}

static int list(DIR *directory) {
  int count = 0;
  for (struct dirent *entry; count < MAX_ENTRIES && (entry = readdir(directory)) != NULL; count++) {
    if (asprintf(&entries[count], "%s %s", type_name(entry->d_type), entry->d_name) < 0) abort();
  }
  return count;
}

static int comes_back(DIR *directory) {
  rewinddir(directory);
  if (readdir(directory) == NULL) return 0;
  long position = telldir(directory);
  struct dirent *second = readdir(directory);
  if (second == NULL) return 0;
  char *name = strdup(second->d_name);
  while (readdir(directory) != NULL) continue;
  seekdir(directory, position);
  struct dirent *again = readdir(directory);
  int same = again != NULL && strcmp(name, again->d_name) == 0;
  free(name);
  return same;
}

int main(int argc, char **argv) {
  DIR *directory = opendir(argc > 1 ? argv[1] : ".");
  if (directory == NULL) {
    printf("opendir: %s\n", strerror(errno));
    return 1;
  }
  int count = list(directory);
  qsort(entries, (size_t)count, sizeof entries[0], compare);
  for (int i = 0; i < count; i++) printf("%s\n", entries[i]);
  rewinddir(directory);
  printf("second pass: %d\n", list(directory));
  printf("seekdir: %s\n", comes_back(directory) ? "same entry" : "another entry");
  closedir(directory);
  return 0;
}
