// Listens at a port of its own, writes the port as a line, and echoes two connections, the second without shutdown. The
// streams of the first are dropped before their socket, as wasi-libc does; those of the second after it.
#include "wit.h"

#define TCP "wasi:sockets/tcp@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define METHOD(name) "[method]tcp-socket." name
#define ADDRESS int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t

IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.subscribe") int32_t output_subscribe(int32_t self);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int32_t family, void *result);
IMPORT(TCP, METHOD("start-bind")) void start_bind(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-bind")) void finish_bind(int32_t self, void *result);
IMPORT(TCP, METHOD("start-listen")) void start_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("finish-listen")) void finish_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("accept")) void tcp_accept(int32_t self, void *result);
IMPORT(TCP, METHOD("local-address")) void local_address(int32_t self, void *result);
IMPORT(TCP, METHOD("shutdown")) void tcp_shutdown(int32_t self, int32_t how, void *result);
IMPORT(TCP, METHOD("subscribe")) int32_t tcp_subscribe(int32_t self);
IMPORT(TCP, "[resource-drop]tcp-socket") void drop_tcp(int32_t self);

static _Alignas(8) uint8_t r[64];

static void check(void) { if (r[0] != 0) __builtin_trap(); }
static void wait_for(int32_t pollable) { pollable_block(pollable); drop_pollable(pollable); }
static int32_t word(int at) { return *(int32_t *)(r + at); }

static void print_port(uint16_t port) {
  char line[8];
  int length = sizeof line;
  line[--length] = '\n';
  do line[--length] = (char)('0' + port % 10);
  while ((port /= 10) > 0);
  write_and_flush(get_stdout(), line + length, sizeof line - (size_t)length, r);
}

static void write_all(int32_t out, const uint8_t *at, uint32_t length) {
  while (length > 0) {
    check_write(out, r);
    check();
    uint32_t permit = (uint32_t)word(8);
    if (permit > length) permit = length;
    if (permit == 0) {
      wait_for(output_subscribe(out));
      continue;
    }
    stream_write(out, at, permit, r);
    check();
    at += permit;
    length -= permit;
  }
}

static void echo(int32_t in, int32_t out) {
  for (;;) {
    blocking_read(in, 65536, r);
    if (r[0] != 0) {
      if (r[4] != 1) __builtin_trap();
      return;
    }
    write_all(out, (const uint8_t *)word(4), (uint32_t)word(8));
    free_all();
  }
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  int32_t network = instance_network();
  create_tcp(0, r);
  check();
  int32_t listener = word(4);
  start_bind(listener, network, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, r);
  check();
  do { wait_for(tcp_subscribe(listener)); finish_bind(listener, r); } while (r[0] != 0 && r[1] == 8);
  check();
  start_listen(listener, r);
  check();
  do { wait_for(tcp_subscribe(listener)); finish_listen(listener, r); } while (r[0] != 0 && r[1] == 8);
  check();
  local_address(listener, r);
  print_port(*(uint16_t *)(r + 8));
  for (int i = 0; i < 2; i++) {
    do { wait_for(tcp_subscribe(listener)); tcp_accept(listener, r); } while (r[0] != 0 && r[4] == 8);
    check();
    int32_t socket = word(4), in = word(8), out = word(12);
    echo(in, out);
    if (i == 0) {
      tcp_shutdown(socket, 1, r);
      check();
      drop_input(in);
      drop_output(out);
      drop_tcp(socket);
    } else {
      drop_tcp(socket);
      drop_output(out);
      drop_input(in);
    }
  }
  return 0;
}
