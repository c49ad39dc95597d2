// Commands of wasi:sockets. An address is twelve fields: its family, and the numbers of the variant, flattened.

#define TCP "wasi:sockets/tcp@0.2.12"
#define UDP "wasi:sockets/udp@0.2.12"
#define LOOKUP "wasi:sockets/ip-name-lookup@0.2.12"
#define POLL "wasi:io/poll@0.2.12"
#define TCP_METHOD(name) IMPORT(TCP, "[method]tcp-socket." name)
#define UDP_METHOD(name) IMPORT(UDP, "[method]udp-socket." name)
#define ADDRESS int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
#define AT(i) handle(i), handle(i + 1), handle(i + 2), handle(i + 3), handle(i + 4), handle(i + 5), handle(i + 6), \
  handle(i + 7), handle(i + 8), handle(i + 9), handle(i + 10), handle(i + 11)

IMPORT(POLL, "[method]pollable.block") void pollable_block(int32_t self);
IMPORT(POLL, "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int32_t family, void *result);
IMPORT("wasi:sockets/udp-create-socket@0.2.12", "create-udp-socket") void create_udp(int32_t family, void *result);
TCP_METHOD("start-bind") void tcp_start_bind(int32_t self, int32_t network, ADDRESS, void *result);
TCP_METHOD("finish-bind") void tcp_finish_bind(int32_t self, void *result);
TCP_METHOD("start-connect") void tcp_start_connect(int32_t self, int32_t network, ADDRESS, void *result);
TCP_METHOD("finish-connect") void tcp_finish_connect(int32_t self, void *result);
TCP_METHOD("start-listen") void tcp_start_listen(int32_t self, void *result);
TCP_METHOD("finish-listen") void tcp_finish_listen(int32_t self, void *result);
TCP_METHOD("accept") void tcp_accept(int32_t self, void *result);
TCP_METHOD("local-address") void tcp_local(int32_t self, void *result);
TCP_METHOD("remote-address") void tcp_remote(int32_t self, void *result);
TCP_METHOD("shutdown") void tcp_shutdown(int32_t self, int32_t how, void *result);
TCP_METHOD("subscribe") int32_t tcp_subscribe(int32_t self);
IMPORT(TCP, "[resource-drop]tcp-socket") void drop_tcp(int32_t self);
UDP_METHOD("start-bind") void udp_start_bind(int32_t self, int32_t network, ADDRESS, void *result);
UDP_METHOD("finish-bind") void udp_finish_bind(int32_t self, void *result);
UDP_METHOD("stream") void udp_stream(int32_t self, int32_t has, ADDRESS, void *result);
UDP_METHOD("local-address") void udp_local(int32_t self, void *result);
UDP_METHOD("subscribe") int32_t udp_subscribe(int32_t self);
IMPORT(UDP, "[resource-drop]udp-socket") void drop_udp(int32_t self);
IMPORT(UDP, "[method]outgoing-datagram-stream.check-send") void check_send(int32_t self, void *result);
IMPORT(UDP, "[method]outgoing-datagram-stream.send") void udp_send(int32_t self, void *list, size_t n, void *result);
IMPORT(UDP, "[method]outgoing-datagram-stream.subscribe") int32_t out_subscribe(int32_t self);
IMPORT(UDP, "[method]incoming-datagram-stream.receive") void udp_receive(int32_t self, uint64_t most, void *result);
IMPORT(UDP, "[method]incoming-datagram-stream.subscribe") int32_t in_subscribe(int32_t self);
IMPORT(UDP, "[resource-drop]incoming-datagram-stream") void drop_incoming(int32_t self);
IMPORT(UDP, "[resource-drop]outgoing-datagram-stream") void drop_outgoing(int32_t self);
IMPORT(LOOKUP, "resolve-addresses") void resolve(int32_t network, const char *name, size_t length, void *result);
IMPORT(LOOKUP, "[method]resolve-address-stream.resolve-next-address") void next_address(int32_t self, void *result);
IMPORT(LOOKUP, "[method]resolve-address-stream.subscribe") int32_t lookup_subscribe(int32_t self);
IMPORT(LOOKUP, "[resource-drop]resolve-address-stream") void drop_lookup(int32_t self);

static const char *const socket_codes[] = {
  "unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout", "concurrency-conflict",
  "not-in-progress", "would-block", "invalid-state", "new-socket-limit", "address-not-bindable", "address-in-use",
  "remote-unreachable", "connection-refused", "connection-reset", "connection-aborted", "datagram-too-large",
  "name-unresolvable", "temporary-resolver-failure", "permanent-resolver-failure",
};
enum { WOULD_BLOCK = 8 };

static int32_t network;

static int socket_ok(int payload) {
  put(r[0] == 0 ? "ok" : socket_codes[r[payload]]);
  return r[0] == 0;
}
static void wait_for(int32_t pollable) {
  pollable_block(pollable);
  drop_pollable(pollable);
}
// Calls the second half of an operation until it has an end.
static void finish(int32_t self, int32_t (*subscribe)(int32_t), void (*call)(int32_t, void *), int payload) {
  for (;;) {
    call(self, r);
    if (r[0] == 0 || r[payload] != WOULD_BLOCK) return;
    wait_for(subscribe(self));
  }
}
static void handles_reply(int count) {
  if (!socket_ok(4)) return;
  for (int i = 1; i <= count; i++) number_field((uint32_t)word(4 * i));
}
static void address_fields(int at) {
  if (r[at] == 0) for (int i = 0; i < 4; i++) number_field(r[at + 6 + i]);
  else for (int i = 0; i < 8; i++) number_field(*(uint16_t *)(r + at + 12 + 2 * i));
  number_field(*(uint16_t *)(r + at + 4));
}
static void address_reply(void) {
  if (socket_ok(4)) address_fields(4);
}
static void lookup_reply(void) {
  resolve(network, TEXT(1), r);
  if (r[0] != 0) { socket_ok(4); return; }
  int32_t stream = word(4);
  for (int i = 0;; i++) {
    finish(stream, lookup_subscribe, next_address, 2);
    if (i == 0) socket_ok(2);
    if (r[0] != 0 || r[2] == 0) break;
    if (r[4] != 0) { text_field("ipv6"); continue; }
    for (int j = 0; j < 4; j++) { if (j == 0) separate(); else put("."); put_number(r[6 + j]); }
  }
  drop_lookup(stream);
}
// Fields: the stream, the data, and for a peer its address.
static void send_reply(void) {
  const struct { const char *data; size_t length; uint8_t has, pad[3], family, more[3]; uint16_t port; uint8_t v4[26]; } each = {
    .data = fields[2].at, .length = fields[2].length, .has = fields[3].length > 0, .port = (uint16_t)number(4),
    .v4 = { (uint8_t)number(5), (uint8_t)number(6), (uint8_t)number(7), (uint8_t)number(8) },
  };
  for (;;) {
    check_send(handle(1), r);
    if (r[0] != 0 || wide(8) > 0) break;
    wait_for(out_subscribe(handle(1)));
  }
  if (r[0] == 0) udp_send(handle(1), (void *)&each, 1, r);
  if (socket_ok(8)) number_field(wide(8));
}
static void receive_reply(void) {
  for (;;) {
    udp_receive(handle(1), 1, r);
    if (r[0] != 0 || word(8) > 0) break;
    wait_for(in_subscribe(handle(1)));
  }
  if (!socket_ok(4)) return;
  const struct list *data = (const void *)(uintptr_t)word(4);
  bytes_field(data->at, data->length);
}

static int tcp_command(void) {
#define SOCKET(name, reply, ...) if (is(name)) { __VA_ARGS__; reply; return 1; }
#define START(name, start) if (is(name)) { start; if (r[0] == 0)
  SOCKET("create-tcp-socket", handles_reply(1), create_tcp(handle(1), r))
  START("tcp-bind", tcp_start_bind(handle(1), network, AT(2), r))
    finish(handle(1), tcp_subscribe, tcp_finish_bind, 1); return socket_ok(1), 1; }
  START("tcp-listen", tcp_start_listen(handle(1), r))
    finish(handle(1), tcp_subscribe, tcp_finish_listen, 1); return socket_ok(1), 1; }
  if (is("tcp-connect")) {
    tcp_start_connect(handle(1), network, AT(2), r);
    if (r[0] != 0) return socket_ok(1), 1;
    finish(handle(1), tcp_subscribe, tcp_finish_connect, 4);
    return handles_reply(2), 1;
  }
  SOCKET("tcp-accept", handles_reply(3), finish(handle(1), tcp_subscribe, tcp_accept, 4))
  SOCKET("tcp-local-address", address_reply(), tcp_local(handle(1), r))
  SOCKET("tcp-remote-address", address_reply(), tcp_remote(handle(1), r))
  SOCKET("tcp-shutdown", socket_ok(1), tcp_shutdown(handle(1), handle(2), r))
  return 0;
}

static int udp_command(void) {
  SOCKET("create-udp-socket", handles_reply(1), create_udp(handle(1), r))
  START("udp-bind", udp_start_bind(handle(1), network, AT(2), r))
    finish(handle(1), udp_subscribe, udp_finish_bind, 1); return socket_ok(1), 1; }
  SOCKET("udp-stream", handles_reply(2), udp_stream(handle(1), handle(2), AT(3), r))
  SOCKET("udp-local-address", address_reply(), udp_local(handle(1), r))
  SOCKET("udp-send", (void)0, send_reply())
  SOCKET("udp-receive", (void)0, receive_reply())
  SOCKET("resolve", (void)0, lookup_reply())
  return 0;
}

static int drop_command(void) {
  static const struct { const char *name; void (*drop)(int32_t); } drops[] = {
    { "drop-descriptor", drop_descriptor }, { "drop-entries", drop_entries }, { "drop-input", drop_input },
    { "drop-output", drop_output }, { "drop-tcp", drop_tcp }, { "drop-udp", drop_udp },
    { "drop-incoming", drop_incoming }, { "drop-outgoing", drop_outgoing },
  };
  for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++) {
    if (!is(drops[i].name)) continue;
    drops[i].drop(handle(1));
    put("ok");
    return 1;
  }
  return 0;
}
