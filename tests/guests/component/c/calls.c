// Times calls of the host: for each, the least of many passes, as a line `name picoseconds`.
#include "bench.h"

#define STREAMS "wasi:io/streams@0.2.12"
#define FILES "wasi:filesystem/types@0.2.12"
#define PASSES 40

struct list { uint8_t *at; size_t length; };
struct preopen { int32_t descriptor; struct list path; };

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "now") uint64_t now(void);
IMPORT("wasi:cli/stdin@0.2.12", "get-stdin") int32_t get_stdin(void);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:cli/stderr@0.2.12", "get-stderr") int32_t get_stderr(void);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.read") void stream_read(int32_t self, uint64_t length, void *result);
IMPORT("wasi:filesystem/preopens@0.2.12", "get-directories") void get_directories(struct list *result);
IMPORT(FILES, "[method]descriptor.read") void file_read(int32_t self, uint64_t length, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.write")
void file_write(int32_t self, const void *at, size_t length, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.stat") void file_stat(int32_t self, void *result);
IMPORT(FILES, "[method]descriptor.stat-at")
void file_stat_at(int32_t self, int32_t flags, const char *path, size_t length, void *result);
IMPORT(FILES, "[method]descriptor.open-at")
void open_at(int32_t self, int32_t path_flags, const char *path, size_t length, int32_t flags, int32_t rights, void *result);
IMPORT(FILES, "[resource-drop]descriptor") void drop_descriptor(int32_t self);

static uint8_t result[128], block[65536];
static int32_t out, in, directory, file;

static void fail(void) {
  write_and_flush(get_stderr(), "a call failed\n", 14, result);
  __builtin_trap();
}
static int32_t opened(const char *path, size_t length, int32_t flags) {
  open_at(directory, 0, path, length, flags, 3, result);
  if (result[0] != 0) fail();
  return *(int32_t *)(result + 4);
}

static void call_now(void) { now(); }
static void call_check_write(void) { check_write(out, result); }
static void call_write_16(void) { write_and_flush(out, block, 16, result); }
static void call_read_16(void) { file_read(file, 16, 0, result); }
static void call_read_64k(void) { file_read(file, 65536, 0, result); }
static void call_write_64k(void) { file_write(file, block, 65536, 0, result); }
static void call_stat(void) { file_stat(file, result); }
static void call_stat_at(void) { file_stat_at(directory, 0, "bench.tmp", 9, result); }
static void call_open_at(void) { drop_descriptor(opened("bench.tmp", 9, 0)); }
static void call_stdin_16(void) { stream_read(in, 16, result); }

static const struct { const char *name; void (*call)(void); uint32_t count; } cases[] = {
  { "monotonic-clock.now", call_now, 2000 },
  { "output-stream.check-write", call_check_write, 2000 },
  { "write-and-flush of 16 B", call_write_16, 500 },
  { "descriptor.read of 16 B", call_read_16, 500 },
  { "descriptor.read of 64 KiB", call_read_64k, 100 },
  { "descriptor.write of 64 KiB", call_write_64k, 100 },
  { "descriptor.stat", call_stat, 500 },
  { "descriptor.stat-at", call_stat_at, 500 },
  { "open-at and drop", call_open_at, 200 },
  { "input-stream.read of 16 B", call_stdin_16, 500 },
};

static void print(const char *name, uint64_t picoseconds) {
  char line[LINE];
  write_and_flush(get_stderr(), line, line_of(line, name, picoseconds), result);
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  struct list directories;
  out = get_stdout();
  in = get_stdin();
  get_directories(&directories);
  if (directories.length == 0) fail();
  directory = ((struct preopen *)directories.at)->descriptor;
  file = opened("bench.tmp", 9, 1);
  file_write(file, block, 65536, 0, result);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint64_t least = UINT64_MAX;
    for (int pass = 0; pass < PASSES; pass++) {
      uint64_t start = now();
      for (uint32_t j = 0; j < cases[i].count; j++) {
        cases[i].call();
        free_all();
      }
      uint64_t each = (now() - start) * 1000 / cases[i].count;
      if (each < least) least = each;
    }
    print(cases[i].name, least);
  }
  return 0;
}
