// Times connections to the peer of tests/bench/components at the port of 127.0.0.1 that the argument is: for each, the least of
// some passes, as a line `name picoseconds`. The first byte of a connection tells the peer what it is for.
#include "bench.h"

#define TCP "wasi:sockets/tcp@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define METHOD(name) "[method]tcp-socket." name
#define TRIPS 200
#define TRIP_PASSES 40
#define BULK (64u << 20)
#define BULK_PASSES 6
#define PIECE 65536u

struct list { uint8_t *at; size_t length; };

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "now") uint64_t now(void);
IMPORT("wasi:cli/environment@0.2.12", "get-arguments") void get_arguments(struct list *result);
IMPORT("wasi:cli/stderr@0.2.12", "get-stderr") int32_t get_stderr(void);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.subscribe") int32_t output_subscribe(int32_t self);
IMPORT(STREAMS, "[method]input-stream.read") void stream_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.subscribe") int32_t input_subscribe(int32_t self);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "poll") void poll(const int32_t *pollables, size_t count, void *result);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int32_t family, void *result);
#define ADDRESS int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
IMPORT(TCP, METHOD("start-connect")) void start_connect(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-connect")) void finish_connect(int32_t self, void *result);
IMPORT(TCP, METHOD("subscribe")) int32_t tcp_subscribe(int32_t self);
IMPORT(TCP, "[resource-drop]tcp-socket") void drop_tcp(int32_t self);

static _Alignas(8) uint8_t r[64];
static uint8_t block[PIECE];
static int32_t port, socket, in, out;

static void check(void) { if (r[0] != 0) __builtin_trap(); }
static void wait_for(int32_t pollable) { pollable_block(pollable); drop_pollable(pollable); }
static int32_t word(int at) { return *(int32_t *)(r + at); }

static void connect_for(uint8_t use) {
  int32_t network = instance_network();
  create_tcp(0, r);
  check();
  socket = word(4);
  start_connect(socket, network, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r);
  do { wait_for(tcp_subscribe(socket)); finish_connect(socket, r); } while (r[0] != 0 && r[4] == 8);
  check();
  in = word(4);
  out = word(8);
  write_and_flush(out, &use, 1, r);
  check();
}

static void disconnect(void) {
  drop_input(in);
  drop_output(out);
  drop_tcp(socket);
}

// By the calls that block: as guests of Rust and of Python.
static uint64_t round_trips(void) {
  uint64_t start = now();
  for (int i = 0; i < TRIPS; i++) {
    write_and_flush(out, block, 64, r);
    check();
    for (uint32_t done = 0; done < 64; done += (uint32_t)word(8)) {
      blocking_read(in, 64 - done, r);
      check();
    }
    free_all();
  }
  return (now() - start) * 1000 / TRIPS;
}

// By those that do not, and waits: as guests of wasi-libc.
static uint32_t send_some(uint32_t left) {
  check_write(out, r);
  check();
  uint32_t permit = (uint32_t)word(8);
  if (permit > PIECE) permit = PIECE;
  if (permit > left) permit = left;
  if (permit == 0) return 0;
  stream_write(out, block, permit, r);
  check();
  return permit;
}

static uint32_t receive_some(void) {
  stream_read(in, PIECE, r);
  check();
  free_all();
  return (uint32_t)word(8);
}

static void wait_for_either(uint32_t to_send, uint32_t to_receive) {
  int32_t pollables[2];
  size_t count = 0;
  if (to_send > 0) pollables[count++] = output_subscribe(out);
  if (to_receive > 0) pollables[count++] = input_subscribe(in);
  poll(pollables, count, r);
  for (size_t i = 0; i < count; i++) drop_pollable(pollables[i]);
  free_all();
}

// The peer answers with a byte once it has received all.
static uint64_t bulk(uint8_t use) {
  uint32_t to_send = use == 'i' ? 0 : BULK, to_receive = use == 'o' ? 1 : BULK + (use == 'b');
  connect_for(use);
  uint64_t start = now();
  while (to_receive > 0) {
    uint32_t moved = to_send > 0 ? send_some(to_send) : 0;
    to_send -= moved;
    uint32_t received = use == 'o' && to_send > 0 ? 0 : receive_some();
    to_receive -= received;
    if (moved + received == 0 && to_receive > 0) wait_for_either(to_send, use == 'o' && to_send > 0 ? 0 : to_receive);
  }
  uint64_t each = (now() - start) * 1000 / (BULK / PIECE);
  disconnect();
  return each;
}

static void print(const char *name, uint64_t picoseconds) {
  char line[LINE];
  write_and_flush(get_stderr(), line, line_of(line, name, picoseconds), r);
}

static void print_bulk(const char *name, uint8_t use) {
  uint64_t least = UINT64_MAX;
  for (int pass = 0; pass < BULK_PASSES; pass++) {
    uint64_t each = bulk(use);
    if (each < least) least = each;
  }
  print(name, least);
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  struct list arguments;
  get_arguments(&arguments);
  if (arguments.length < 2) __builtin_trap();
  struct list text = ((struct list *)arguments.at)[1];
  for (size_t i = 0; i < text.length; i++) port = port * 10 + (text.at[i] - '0');
  uint64_t least = UINT64_MAX;
  connect_for('p');
  for (int pass = 0; pass < TRIP_PASSES; pass++) {
    uint64_t trip = round_trips();
    if (trip < least) least = trip;
  }
  disconnect();
  print("TCP round trip of 64 B", least);
  print_bulk("TCP in, 64 KiB of 64 MiB", 'i');
  print_bulk("TCP out, 64 KiB of 64 MiB", 'o');
  print_bulk("TCP both ways, 64 KiB each", 'b');
  return 0;
}
