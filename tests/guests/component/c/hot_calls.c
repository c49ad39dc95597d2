// Repeats a call of the host: which one is an argument, in the order of the table.
#include "wit.h"

#define STREAMS "wasi:io/streams@0.2.12"
#define FILES "wasi:filesystem/types@0.2.12"
#define POLL "wasi:io/poll@0.2.12"

struct list { uint8_t *at; size_t length; };
struct preopen { int32_t descriptor; struct list path; };

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "now") uint64_t now(void);
IMPORT("wasi:clocks/wall-clock@0.2.12", "now") void wall_now(void *result);
IMPORT("wasi:cli/stdin@0.2.12", "get-stdin") int32_t get_stdin(void);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.read") void stream_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.subscribe") int32_t input_subscribe(int32_t self);
IMPORT(POLL, "[method]pollable.ready") int32_t pollable_ready(int32_t self);
IMPORT(POLL, "[method]pollable.block") void pollable_block(int32_t self);
IMPORT(POLL, "poll") void poll(const int32_t *pollables, size_t count, void *result);
IMPORT("wasi:filesystem/preopens@0.2.12", "get-directories") void get_directories(struct list *result);
IMPORT(FILES, "[method]descriptor.read") void file_read(int32_t self, uint64_t length, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.write")
void file_write(int32_t self, const void *at, size_t length, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.write-via-stream") void write_via_stream(int32_t self, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.read-via-stream") void read_via_stream(int32_t self, uint64_t offset, void *result);
IMPORT(FILES, "[method]descriptor.stat") void file_stat(int32_t self, void *result);
IMPORT(FILES, "[method]descriptor.metadata-hash") void metadata_hash(int32_t self, void *result);
IMPORT(FILES, "[method]descriptor.open-at")
void open_at(int32_t self, int32_t path_flags, const char *path, size_t length, int32_t flags, int32_t rights, void *result);

static _Alignas(8) uint8_t r[128];
static uint8_t block[64];
static int32_t file, in, out, ready;

static int32_t opened(void) {
  if (r[0] != 0) __builtin_trap();
  return *(int32_t *)(r + 4);
}

static void call_now(void) { now(); }
static void call_wall_now(void) { wall_now(r); }
static void call_check_write(void) { check_write(out, r); }
static void call_write(void) { check_write(out, r); stream_write(out, block, 16, r); }
static void call_write_and_flush(void) { write_and_flush(out, block, 16, r); }
static void call_stream_read(void) { stream_read(in, 0, r); }
static void call_ready(void) { pollable_ready(ready); }
static void call_block(void) { pollable_block(ready); }
static void call_poll(void) { poll(&ready, 1, r); }
static void call_read(void) { file_read(file, 16, 5, r); }
static void call_file_write(void) { file_write(file, block, 16, 5, r); }
static void call_stat(void) { file_stat(file, r); }
static void call_metadata_hash(void) { metadata_hash(file, r); }

static void (*const calls[])(void) = {
  call_now, call_wall_now, call_check_write, call_write, call_write_and_flush, call_stream_read, call_ready,
  call_block, call_poll, call_read, call_file_write, call_stat, call_metadata_hash,
};

EXPORT("prepare")
void prepare(void) {
  struct list directories;
  get_directories(&directories);
  if (directories.length == 0) __builtin_trap();
  open_at(((struct preopen *)directories.at)->descriptor, 0, "written", 7, 1, 3, r);
  file = opened();
  file_write(file, block, sizeof block, 0, r);
  write_via_stream(file, 0, r);
  out = opened();
  read_via_stream(file, 0, r);
  in = opened();
  ready = input_subscribe(in);
  free_all();
}

EXPORT("repeat")
void repeat(uint32_t which, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    calls[which]();
    free_all();
  }
}
