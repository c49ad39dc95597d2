// Writes a line by the names of WASI 0.2, without a libc.
#include "wit.h"

IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:io/streams@0.2.12", "[method]output-stream.blocking-write-and-flush")
void blocking_write_and_flush(int32_t self, const char *bytes, size_t length, uint8_t *result);
IMPORT("wasi:io/streams@0.2.12", "[resource-drop]output-stream") void drop_output_stream(int32_t self);

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  uint8_t result[12];
  int32_t out = get_stdout();
  blocking_write_and_flush(out, "hello from a component\n", 23, result);
  drop_output_stream(out);
  return result[0];
}
