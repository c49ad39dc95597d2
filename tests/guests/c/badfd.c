// Imports functions of the adapter of preview 1 that preview 1 itself does not have, as older bindings for sockets do.
#include <stdint.h>
#include <stdio.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

IMPORT("adapter_open_badfd") int32_t adapter_open_badfd(uint32_t *fd);
IMPORT("adapter_close_badfd") int32_t adapter_close_badfd(uint32_t fd);

int main(void) {
  uint32_t fd = 0;
  int32_t opened = adapter_open_badfd(&fd);
  printf("%d %d\n", (int)opened, (int)adapter_close_badfd(fd));
  return 0;
}
