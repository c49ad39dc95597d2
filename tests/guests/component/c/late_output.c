// Writes twice 64 KiB, as check-write permits, and exits with code 3: more than a pipe holds.
#include "late.h"

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  write_late();
  exit_with_code(result[0] == 0 ? 3 : 4);
  return 0;
}
