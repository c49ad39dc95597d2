// A program of preview 1 that calls functions of WIT by their names too: waits by both, prints, and exits with code 3.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("wasi:random/random@0.2.12", "get-random-u64") uint64_t get_random_u64(void);
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration") int32_t subscribe_duration(uint64_t ns);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void block(int32_t pollable);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop(int32_t pollable);
IMPORT("wasi:cli/environment@0.2.12", "get-arguments") void get_arguments(void *result);

// The canonical ABI allocates lists and strings by this.
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size, (void)align;
  return realloc(old, size);
}

struct string { const char *at; size_t length; };
struct list { const struct string *at; size_t length; };

int main(int argc, char **argv) {
  (void)argv;
  struct list arguments;
  for (int i = 0; i < 2; i++) {
    int32_t pollable = subscribe_duration(1000000);
    block(pollable);
    drop(pollable);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  printf("random: %d\n", get_random_u64() != get_random_u64());
  get_arguments(&arguments);
  printf("%d arguments: %zu %.*s\n", argc, arguments.length, (int)arguments.at[1].length, arguments.at[1].at);
  exit(3);
}
