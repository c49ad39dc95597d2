// Writes twice 64 KiB, as check-write permits, and traps: more than a pipe holds.
#include "late.h"

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  write_late();
  __builtin_trap();
}
