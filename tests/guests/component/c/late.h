// Output that is still queued when a guest ends.
#include "wit.h"

#define STREAMS "wasi:io/streams@0.2.12"

IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:cli/exit@0.2.12", "exit-with-code") void exit_with_code(int32_t code);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void write(int32_t self, const void *at, size_t length, void *result);

static _Alignas(8) uint8_t result[16];
static uint8_t block[65536];

// Writes twice 64 KiB, as check-write permits: more than a pipe holds.
static void write_late(void) {
  int32_t out = get_stdout();
  for (size_t i = 0; i < sizeof block; i++) block[i] = 'a' + i % 26;
  for (int i = 0; i < 2; i++) {
    check_write(out, result);
    if (*(uint64_t *)(result + 8) < sizeof block) exit_with_code(5);
    write(out, block, sizeof block, result);
  }
}
