// Exports a function that keeps something on the stack of C while it sleeps.
#include <string.h>
#include <time.h>
#include <unistd.h>

// Fill a part of the stack below the caller.
static int scribble(int value) {
  volatile char below[512];
  memset((char *)below, value, sizeof below);
  return below[value];
}

// Sleep for some milliseconds. Answers how many bytes of the stack changed meanwhile.
__attribute__((export_name("slow"))) int slow(int ms) {
  volatile char own[256];
  memset((char *)own, ms, sizeof own);
  for (int i = 0; i < 5; i++) {
    usleep(ms * 1000 / 5);
    scribble(~ms & 0x7f);
  }
  int changed = 0;
  for (unsigned i = 0; i < sizeof own; i++) changed += own[i] != (char)ms;
  return changed;
}

int main(void) { return slow(0); }
