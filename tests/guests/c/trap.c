// Traps in the function "fall", which main calls through "stumble".
#include <stdio.h>

__attribute__((noinline)) static void fall(void) {
  __builtin_trap();
}

__attribute__((noinline)) static void stumble(void) {
  puts("about to trap");
  fflush(stdout);
  fall();
}

int main(void) {
  stumble();
  return 0;
}
