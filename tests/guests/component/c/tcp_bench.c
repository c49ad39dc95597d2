// Times a connection of the guest with itself: round trips of 64 bytes, and 64 MiB in each direction at once.
#include "wit.h"

#define TCP "wasi:sockets/tcp@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define METHOD(name) "[method]tcp-socket." name
#define TRIP_PASSES 100
#define TRIPS 100
#define BULK_PASSES 5
#define BULK (64u << 20)

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "now") uint64_t now(void);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.read") void stream_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]input-stream.subscribe") int32_t input_subscribe(int32_t self);
IMPORT(STREAMS, "[method]output-stream.subscribe") int32_t output_subscribe(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "poll") void poll(const int32_t *pollables, size_t count, void *result);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int32_t family, void *result);
#define ADDRESS int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
IMPORT(TCP, METHOD("start-bind")) void start_bind(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-bind")) void finish_bind(int32_t self, void *result);
IMPORT(TCP, METHOD("start-connect")) void start_connect(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-connect")) void finish_connect(int32_t self, void *result);
IMPORT(TCP, METHOD("start-listen")) void start_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("finish-listen")) void finish_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("accept")) void tcp_accept(int32_t self, void *result);
IMPORT(TCP, METHOD("local-address")) void local_address(int32_t self, void *result);
IMPORT(TCP, METHOD("subscribe")) int32_t tcp_subscribe(int32_t self);

static _Alignas(8) uint8_t r[64];
static uint8_t block[65536];
static int32_t in[2], out[2];

static void check(int at) { if (r[0] != 0 && at >= 0) __builtin_trap(); }
static void wait_for(int32_t pollable) { pollable_block(pollable); drop_pollable(pollable); }
static int32_t word(int at) { return *(int32_t *)(r + at); }
static int32_t tcp(void) { create_tcp(0, r); check(0); return word(4); }

static void open_pair(void) {
  int32_t network = instance_network(), listener = tcp(), client = tcp();
  start_bind(listener, network, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r);
  do { wait_for(tcp_subscribe(listener)); finish_bind(listener, r); } while (r[0] != 0 && r[1] == 8);
  check(0);
  start_listen(listener, r);
  do { wait_for(tcp_subscribe(listener)); finish_listen(listener, r); } while (r[0] != 0 && r[1] == 8);
  check(0);
  local_address(listener, r);
  start_connect(client, network, 0, *(uint16_t *)(r + 8), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r);
  do { wait_for(tcp_subscribe(client)); finish_connect(client, r); } while (r[0] != 0 && r[4] == 8);
  check(0);
  in[0] = word(4);
  out[0] = word(8);
  do { wait_for(tcp_subscribe(listener)); tcp_accept(listener, r); } while (r[0] != 0 && r[4] == 8);
  check(0);
  in[1] = word(8);
  out[1] = word(12);
}

static void print(const char *name, uint64_t number) {
  char line[64];
  size_t length = 0;
  while (*name != 0) line[length++] = *name++;
  line[length++] = '\t';
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) line[length++] = digits[--count];
  line[length++] = '\n';
  write_and_flush(get_stdout(), line, length, r);
}

static void send_64(int side) {
  write_and_flush(out[side], block, 64, r);
  check(0);
  for (uint32_t done = 0; done < 64;) {
    blocking_read(in[1 - side], 64 - done, r);
    check(0);
    done += (uint32_t)word(8);
  }
  free_all();
}

static uint64_t round_trips(void) {
  uint64_t start = now();
  for (int i = 0; i < TRIPS; i++) {
    send_64(0);
    send_64(1);
  }
  return (now() - start) / TRIPS;
}

static uint64_t bulk(void) {
  uint32_t sent[2] = { 0, 0 }, received[2] = { 0, 0 };
  uint64_t start = now();
  while (received[0] < BULK || received[1] < BULK) {
    int moved = 0;
    for (int side = 0; side < 2; side++) {
      check_write(out[side], r);
      check(0);
      uint32_t permit = (uint32_t)word(8);
      if (permit > sizeof block) permit = sizeof block;
      if (permit > BULK - sent[side]) permit = BULK - sent[side];
      if (permit > 0) {
        stream_write(out[side], block, permit, r);
        check(0);
        sent[side] += permit;
        moved = 1;
      }
      if (received[side] == BULK) continue;
      stream_read(in[side], sizeof block, r);
      check(0);
      received[side] += (uint32_t)word(8);
      if (word(8) != 0) moved = 1;
      free_all();
    }
    if (moved) continue;
    int32_t pollables[4];
    size_t count = 0;
    for (int side = 0; side < 2; side++) {
      if (sent[side] < BULK) pollables[count++] = output_subscribe(out[side]);
      if (received[side] < BULK) pollables[count++] = input_subscribe(in[side]);
    }
    poll(pollables, count, r);
    for (size_t i = 0; i < count; i++) drop_pollable(pollables[i]);
    free_all();
  }
  return 2ull * (BULK >> 20) * 1000000000ull / (now() - start);
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  open_pair();
  uint64_t least = UINT64_MAX, most = 0;
  for (int pass = 0; pass < TRIP_PASSES; pass++) {
    uint64_t trip = round_trips();
    if (trip < least) least = trip;
  }
  for (int pass = 0; pass < BULK_PASSES; pass++) {
    uint64_t rate = bulk();
    if (rate > most) most = rate;
  }
  print("round trip of 64 B, ns", least);
  print("64 MiB both ways, MiB/s", most);
  return 0;
}
