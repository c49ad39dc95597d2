// Lines of a benchmark: a name, a tab, and a time.
#include "wit.h"

#define LINE 64

// Stores a line. Returns its length.
static size_t line_of(char line[LINE], const char *name, uint64_t picoseconds) {
  size_t length = 0;
  while (*name != 0) line[length++] = *name++;
  line[length++] = '\t';
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + picoseconds % 10);
  while ((picoseconds /= 10) > 0);
  while (count > 0) line[length++] = digits[--count];
  line[length++] = '\n';
  return length;
}
