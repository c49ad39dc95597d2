// Calls wasi:io, cli, clocks and random, and prints what they answer. An argument names a mistake that must trap.
#include "wit.h"

#define STREAMS "wasi:io/streams@0.2.12"
#define POLL "wasi:io/poll@0.2.12"
#define CLOCK "wasi:clocks/monotonic-clock@0.2.12"

struct list { uint8_t *at; size_t length; };

IMPORT("wasi:cli/stdin@0.2.12", "get-stdin") int32_t get_stdin(void);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:cli/terminal-stdin@0.2.12", "get-terminal-stdin") void get_terminal_stdin(void *result);
IMPORT("wasi:cli/environment@0.2.12", "get-arguments") void get_arguments(struct list *result);
IMPORT("wasi:cli/environment@0.2.12", "get-environment") void get_environment(struct list *result);
IMPORT(STREAMS, "[method]input-stream.read") void input_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void input_blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.skip") void input_skip(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-skip") void input_blocking_skip(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.subscribe") int32_t input_subscribe(int32_t self);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void output_write(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.flush") void output_flush(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-flush") void output_blocking_flush(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.subscribe") int32_t output_subscribe(int32_t self);
IMPORT(STREAMS, "[method]output-stream.blocking-write-zeroes-and-flush")
void write_zeroes_and_flush(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-splice")
void output_splice(int32_t self, int32_t source, uint64_t length, void *result);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);
IMPORT(POLL, "poll") void poll(const int32_t *list, size_t length, struct list *result);
IMPORT(POLL, "[method]pollable.ready") int32_t ready(int32_t self);
IMPORT(POLL, "[method]pollable.block") void block(int32_t self);
IMPORT(POLL, "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT(CLOCK, "now") uint64_t now(void);
IMPORT(CLOCK, "subscribe-duration") int32_t subscribe_duration(uint64_t when);
IMPORT(CLOCK, "subscribe-instant") int32_t subscribe_instant(uint64_t when);
IMPORT("wasi:clocks/wall-clock@0.2.12", "now") void wall_now(void *result);
IMPORT("wasi:random/random@0.2.12", "get-random-bytes") void random_bytes(uint64_t length, struct list *result);
IMPORT("wasi:random/insecure-seed@0.2.12", "insecure-seed") void insecure_seed(uint64_t *result);

static _Alignas(8) uint8_t result[16];
static uint8_t page[65536];
static int32_t in, out;

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}
static void print(const void *at, size_t length) {
  static _Alignas(4) uint8_t ignored[12];
  write_and_flush(out, at, length, ignored);
}
static void say(const char *text) { print(text, length_of(text)); }
static void number(uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = '0' + value % 10; while ((value /= 10) != 0);
  print(digits + at, sizeof digits - at);
}
// Prints what a result has: nothing, a count, or a list.
static void answer(const char *name, size_t payload, int kind) {
  say(name);
  if (result[0] != 0) say(result[payload] == 1 ? ": closed\n" : ": failed\n");
  else if (kind == 0) say(": ok\n");
  else if (kind == 1) { say(": "); number(*(uint64_t *)(result + 8)); say("\n"); }
  else { say(": \""); print(*(void **)(result + 4), *(size_t *)(result + 8)); say("\"\n"); }
}
static void check(const char *name, int value) { say(name); say(value ? ": yes\n" : ": no\n"); }

static void mistake(const char *name, size_t length) {
  struct list list;
  switch (name[length - 1]) {
    case '1': write_and_flush(out, page, 4097, result); break;
    case '2': write_zeroes_and_flush(out, 4097, result); break;
    case '3': poll((int32_t *)page, 0, &list); break;
    case '4': drop_output(out); check_write(out, result); break;
    case '5': check_write(in, result); break;
    case '6': check_write(out, result); output_write(out, page, 0x1000000, result); break;
    case '7': input_read(in, 1, (void *)-8); break;
  }
}

static void inputs(void) {
  int32_t pollable = input_subscribe(in);
  input_blocking_read(in, 5, result); answer("blocking-read", 4, 2);
  input_read(in, 0, result); answer("read of nothing", 4, 2);
  input_blocking_skip(in, 1, result); answer("blocking-skip", 8, 1);
  input_blocking_read(in, 0xffffffffffff, result); answer("blocking-read of much", 4, 2);
  block(pollable);
  check("ready at the end", ready(pollable));
  input_blocking_read(in, 5, result); answer("blocking-read at the end", 4, 2);
  input_read(in, 5, result); answer("read at the end", 4, 2);
  input_skip(in, 5, result); answer("skip at the end", 8, 1);
  input_blocking_skip(in, 5, result); answer("blocking-skip at the end", 8, 1);
  output_splice(out, in, 5, result); answer("splice at the end", 8, 1);
  check("ready", ready(pollable));
  drop_pollable(pollable);
  drop_input(in);
  in = get_stdin();
  input_blocking_read(in, 5, result); answer("blocking-read of another handle", 4, 2);
}

static void outputs(void) {
  int32_t other = get_stdout();
  check_write(out, result);
  check("permit", result[0] == 0 && *(uint64_t *)(result + 8) >= 4096);
  output_write(out, "written\n", 8, result); answer("write", 4, 0);
  output_flush(out, result); answer("flush", 4, 0);
  output_blocking_flush(out, result); answer("blocking-flush", 4, 0);
  write_and_flush(other, "through another handle\n", 23, result);
  write_and_flush(other, page, 0, result); answer("write of nothing", 4, 0);
  write_zeroes_and_flush(other, 3, result); answer("zeroes", 4, 0);
  drop_output(other);
}

static void polls(void) {
  struct list list;
  int32_t output = output_subscribe(out), far = subscribe_duration(60000000000), past = subscribe_instant(0);
  int32_t polled[] = { far, output, output };
  block(output);
  poll(polled, 3, &list);
  for (size_t i = 0; i < list.length; i++) { number(((uint32_t *)list.at)[i]); say(" "); }
  say("are ready\n");
  check("ready far away", ready(far));
  block(past);
  uint64_t start = now();
  int32_t soon = subscribe_duration(2000000);
  block(soon);
  check("waited", now() - start >= 2000000);
  int32_t both[] = { far, subscribe_instant(now() + 2000000) };
  poll(both, 2, &list);
  number(((uint32_t *)list.at)[0]); say(" of "); number(list.length); say("\n");
}

static void others(void) {
  struct list list;
  get_terminal_stdin(result); check("terminal", result[0]);
  get_environment(&list); number(list.length); say(" variables\n");
  random_bytes(100, &list);
  number(list.length); say(" random bytes\n");
  uint64_t seed[2];
  insecure_seed(seed); check("seed", seed[0] != seed[1]);
  wall_now(result); check("wall clock", *(uint64_t *)result > 1700000000 && *(uint32_t *)(result + 8) < 1000000000);
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  struct list args;
  in = get_stdin();
  out = get_stdout();
  get_arguments(&args);
  const struct list *arguments = (const struct list *)args.at;
  if (args.length > 1) {
    mistake((const char *)arguments[1].at, arguments[1].length);
    say("no trap\n");
    return 1;
  }
  inputs();
  outputs();
  polls();
  others();
  return 0;
}
