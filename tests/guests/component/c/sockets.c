// Calls the functions of wasi:sockets in every state of a socket, and prints what they answer: a line for each.
#include "wit.h"

#define TCP "wasi:sockets/tcp@0.2.12"
#define UDP "wasi:sockets/udp@0.2.12"
#define LOOKUP "wasi:sockets/ip-name-lookup@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"

typedef struct { int32_t family, v[11]; } address;
#define ADDRESS int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
#define FLAT(a) \
  (a).family, (a).v[0], (a).v[1], (a).v[2], (a).v[3], (a).v[4], (a).v[5], (a).v[6], (a).v[7], (a).v[8], (a).v[9], (a).v[10]

IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.check-write") void check_write(int32_t self, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void pollable_block(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.ready") int32_t pollable_ready(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:sockets/instance-network@0.2.12", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.12", "create-tcp-socket") void create_tcp(int32_t family, void *result);
IMPORT("wasi:sockets/udp-create-socket@0.2.12", "create-udp-socket") void create_udp(int32_t family, void *result);
#define METHOD(name) "[method]tcp-socket." name
IMPORT(TCP, METHOD("start-bind")) void start_bind(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-bind")) void finish_bind(int32_t self, void *result);
IMPORT(TCP, METHOD("start-connect")) void start_connect(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(TCP, METHOD("finish-connect")) void finish_connect(int32_t self, void *result);
IMPORT(TCP, METHOD("start-listen")) void start_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("finish-listen")) void finish_listen(int32_t self, void *result);
IMPORT(TCP, METHOD("accept")) void tcp_accept(int32_t self, void *result);
IMPORT(TCP, METHOD("local-address")) void local_address(int32_t self, void *result);
IMPORT(TCP, METHOD("remote-address")) void remote_address(int32_t self, void *result);
IMPORT(TCP, METHOD("is-listening")) int32_t is_listening(int32_t self);
IMPORT(TCP, METHOD("set-listen-backlog-size")) void set_backlog(int32_t self, uint64_t value, void *result);
IMPORT(TCP, METHOD("keep-alive-enabled")) void keep_alive_enabled(int32_t self, void *result);
IMPORT(TCP, METHOD("keep-alive-idle-time")) void keep_alive_idle(int32_t self, void *result);
IMPORT(TCP, METHOD("set-keep-alive-idle-time")) void set_keep_alive_idle(int32_t self, uint64_t value, void *result);
IMPORT(TCP, METHOD("set-keep-alive-count")) void set_keep_alive_count(int32_t self, int32_t value, void *result);
IMPORT(TCP, METHOD("hop-limit")) void hop_limit(int32_t self, void *result);
IMPORT(TCP, METHOD("set-hop-limit")) void set_hop_limit(int32_t self, int32_t value, void *result);
IMPORT(TCP, METHOD("set-receive-buffer-size")) void set_receive_buffer(int32_t self, uint64_t value, void *result);
IMPORT(TCP, METHOD("shutdown")) void tcp_shutdown(int32_t self, int32_t how, void *result);
IMPORT(TCP, METHOD("subscribe")) int32_t tcp_subscribe(int32_t self);
IMPORT(TCP, "[resource-drop]tcp-socket") void drop_tcp(int32_t self);
IMPORT(UDP, "[method]udp-socket.start-bind") void udp_start_bind(int32_t self, int32_t network, ADDRESS, void *result);
IMPORT(UDP, "[method]udp-socket.finish-bind") void udp_finish_bind(int32_t self, void *result);
IMPORT(UDP, "[method]udp-socket.stream") void udp_stream(int32_t self, int32_t has, ADDRESS, void *result);
IMPORT(UDP, "[method]udp-socket.local-address") void udp_local(int32_t self, void *result);
IMPORT(UDP, "[method]udp-socket.remote-address") void udp_remote(int32_t self, void *result);
IMPORT(UDP, "[method]outgoing-datagram-stream.check-send") void check_send(int32_t self, void *result);
IMPORT(UDP, "[method]outgoing-datagram-stream.send") void udp_send(int32_t self, void *list, size_t n, void *result);
IMPORT(UDP, "[method]incoming-datagram-stream.receive") void udp_receive(int32_t self, uint64_t most, void *result);
IMPORT(UDP, "[method]incoming-datagram-stream.subscribe") int32_t in_subscribe(int32_t self);
IMPORT(UDP, "[resource-drop]incoming-datagram-stream") void drop_in(int32_t self);
IMPORT(UDP, "[resource-drop]outgoing-datagram-stream") void drop_out(int32_t self);
IMPORT(UDP, "[resource-drop]udp-socket") void drop_udp(int32_t self);
IMPORT(LOOKUP, "resolve-addresses") void resolve(int32_t network, const char *name, size_t length, void *result);
IMPORT(LOOKUP, "[method]resolve-address-stream.resolve-next-address") void next_address(int32_t self, void *result);
IMPORT(LOOKUP, "[method]resolve-address-stream.subscribe") int32_t lookup_subscribe(int32_t self);

static const char *codes[] = {
  "unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout", "concurrency-conflict",
  "not-in-progress", "would-block", "invalid-state", "new-socket-limit", "address-not-bindable", "address-in-use",
  "remote-unreachable", "connection-refused", "connection-reset", "connection-aborted", "datagram-too-large",
  "name-unresolvable", "temporary-resolver-failure", "permanent-resolver-failure",
};

static _Alignas(8) uint8_t r[64];
static int32_t out, network;
static char line[160];
static size_t length;

static void put(const char *text) { while (*text != 0 && length < sizeof line - 1) line[length++] = *text++; }
static void end(void) {
  line[length++] = '\n';
  write_and_flush(out, line, length, r);
  length = 0;
}
// The result in `r`, whose error code is at `at`.
static const char *answer(int at) { return r[0] == 0 ? "ok" : codes[r[at]]; }
static void say(const char *state, const char *method, const char *result) {
  put(state); put(" "); put(method); put(": "); put(result);
  end();
}

static address v4(int port, int a, int b, int c, int d) {
  address made = { 0, { port, a, b, c, d } };
  return made;
}
static address v6(int port, int first, int sixth, int seventh, int last) {
  address made = { 1, { port, 0, first, 0, 0, 0, 0, sixth, seventh, last, 0 } };
  return made;
}
#define LOCAL v4(0, 127, 0, 0, 1)

static address loaded(int at) {
  address made = { 0, { 0 } };
  if (r[at] != 0) return made;
  made.v[0] = *(uint16_t *)(r + at + 4);
  for (int i = 0; i < 4; i++) made.v[1 + i] = r[at + 6 + i];
  return made;
}

static int32_t tcp(int32_t family) {
  create_tcp(family, r);
  if (r[0] != 0) __builtin_trap();
  return *(int32_t *)(r + 4);
}
static void wait_for(int32_t pollable) { pollable_block(pollable); drop_pollable(pollable); }
static const char *bind_to(int32_t socket, address to) {
  start_bind(socket, network, FLAT(to), r);
  if (r[0] != 0) return answer(1);
  for (;;) {
    finish_bind(socket, r);
    if (r[0] == 0 || r[1] != 8) return answer(1);
    wait_for(tcp_subscribe(socket));
  }
}
static const char *listen_at(int32_t socket) {
  start_listen(socket, r);
  if (r[0] != 0) return answer(1);
  for (;;) {
    finish_listen(socket, r);
    if (r[0] == 0 || r[1] != 8) return answer(1);
    wait_for(tcp_subscribe(socket));
  }
}
// Leaves the streams in `r + 4`.
static const char *connect_to(int32_t socket, address to) {
  start_connect(socket, network, FLAT(to), r);
  if (r[0] != 0) return answer(1);
  for (;;) {
    finish_connect(socket, r);
    if (r[0] == 0 || r[4] != 8) return answer(4);
    wait_for(tcp_subscribe(socket));
  }
}
static address local_of(int32_t socket) { local_address(socket, r); return loaded(4); }

enum { UNBOUND, BINDING, BOUND, LISTENING_SOON, LISTENING, CONNECTING, CONNECTED, CLOSED, STATES };
static const char *state_names[] = {
  "unbound", "bind-in-progress", "bound", "listen-in-progress", "listening", "connect-in-progress", "connected", "closed",
};
static int32_t listener, streams[2];
static address listening_at, nobody;

static int32_t in_state(int state) {
  int32_t socket = tcp(0);
  switch (state) {
    case BINDING: start_bind(socket, network, FLAT(LOCAL), r); break;
    case BOUND: bind_to(socket, LOCAL); break;
    case LISTENING_SOON: bind_to(socket, LOCAL); start_listen(socket, r); break;
    case LISTENING: bind_to(socket, LOCAL); listen_at(socket); break;
    case CONNECTING: start_connect(socket, network, FLAT(listening_at), r); break;
    case CONNECTED:
      connect_to(socket, listening_at);
      streams[0] = *(int32_t *)(r + 4);
      streams[1] = *(int32_t *)(r + 8);
      break;
    case CLOSED: connect_to(socket, nobody); break;
  }
  return socket;
}
static void leave_state(int state, int32_t socket) {
  if (state == CONNECTED) { drop_input(streams[0]); drop_output(streams[1]); }
  drop_tcp(socket);
}
static const char *soon(const char *result) { return result == codes[8] ? "ok" : result; }

static const char *method(int index, int32_t socket, const char **name) {
  switch (index) {
    case 0: *name = "start-bind"; start_bind(socket, network, FLAT(LOCAL), r); return answer(1);
    case 1: *name = "finish-bind"; finish_bind(socket, r); return soon(answer(1));
    case 2: *name = "start-connect"; start_connect(socket, network, FLAT(listening_at), r); return answer(1);
    case 3: *name = "start-listen"; start_listen(socket, r); return answer(1);
    case 4: *name = "finish-listen"; finish_listen(socket, r); return soon(answer(1));
    case 5: *name = "local-address"; local_address(socket, r); return answer(4);
    case 6: *name = "remote-address"; remote_address(socket, r); return answer(4);
    case 7: *name = "is-listening"; return is_listening(socket) ? "true" : "false";
    case 8: *name = "backlog 0"; set_backlog(socket, 0, r); return answer(1);
    case 9: *name = "backlog 5"; set_backlog(socket, 5, r); return answer(1);
    case 10: *name = "keep-alive-enabled"; keep_alive_enabled(socket, r); return answer(1);
    case 11: *name = "keep-alive-idle-time"; keep_alive_idle(socket, r); return answer(8);
    case 12: *name = "keep-alive-idle-time 0"; set_keep_alive_idle(socket, 0, r); return answer(1);
    case 13: *name = "keep-alive-idle-time 1 ns"; set_keep_alive_idle(socket, 1, r); return answer(1);
    case 14: *name = "keep-alive-count 0"; set_keep_alive_count(socket, 0, r); return answer(1);
    case 15: *name = "hop-limit"; hop_limit(socket, r); return answer(1);
    case 16: *name = "hop-limit 0"; set_hop_limit(socket, 0, r); return answer(1);
    case 17: *name = "receive-buffer-size 0"; set_receive_buffer(socket, 0, r); return answer(1);
    case 18: *name = "accept"; tcp_accept(socket, r); return answer(4);
    case 19: *name = "shutdown"; tcp_shutdown(socket, 2, r); return answer(1);
    case 20: *name = "finish-connect"; finish_connect(socket, r);
      if (r[0] == 0) { drop_input(*(int32_t *)(r + 4)); drop_output(*(int32_t *)(r + 8)); }
      return soon(answer(4));
    default: return 0;
  }
}

static void tcp_states(void) {
  listener = tcp(0);
  bind_to(listener, LOCAL);
  listen_at(listener);
  listening_at = local_of(listener);
  int32_t gone = tcp(0);
  bind_to(gone, LOCAL);
  nobody = local_of(gone);
  drop_tcp(gone);
  for (int state = 0; state < STATES; state++) {
    const char *name = "";
    for (int i = 0;; i++) {
      int32_t socket = in_state(state);
      const char *result = method(i, socket, &name);
      // What connects is accepted, so that the next accept is of the method's own connection.
      leave_state(state, socket);
      if (result == 0) break;
      say(state_names[state], name, result);
    }
  }
}

static void tcp_addresses(void) {
  const struct { const char *name; int32_t family; address to; } cases[] = {
    { "IPv6 for IPv4", 0, v6(1, 0, 0, 0, 1) },
    { "IPv4 for IPv6", 1, v4(1, 127, 0, 0, 1) },
    { "broadcast", 0, v4(1, 255, 255, 255, 255) },
    { "multicast", 0, v4(1, 224, 0, 0, 1) },
    { "multicast of IPv6", 1, v6(1, 0xff02, 0, 0, 1) },
    { "mapped", 1, v6(1, 0, 0xffff, 0x7f00, 1) },
    { "compatible", 1, v6(1, 0, 0, 0x7f00, 1) },
    { "another machine's", 0, v4(0, 192, 0, 2, 1) },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int32_t socket = tcp(cases[i].family);
    say("bind to", cases[i].name, bind_to(socket, cases[i].to));
    drop_tcp(socket);
    if (cases[i].to.v[0] == 0) continue;
    socket = tcp(cases[i].family);
    say("connect to", cases[i].name, connect_to(socket, cases[i].to));
    drop_tcp(socket);
  }
  int32_t socket = tcp(0);
  say("connect to", "port 0", connect_to(socket, LOCAL));
  say("connect to", "any address", connect_to(socket, v4(1, 0, 0, 0, 0)));
  say("bind to", "an address in use", bind_to(socket, listening_at));
  say("bind again", "to any port", bind_to(socket, LOCAL));
  drop_tcp(socket);
}

static int32_t udp(int32_t family) {
  create_udp(family, r);
  if (r[0] != 0) __builtin_trap();
  return *(int32_t *)(r + 4);
}
static void drop_streams(void) {
  if (streams[0] == 0) return;
  drop_in(streams[0]);
  drop_out(streams[1]);
  streams[0] = 0;
}
// Leaves the streams in `streams`, in place of those that are there.
static const char *stream_to(int32_t socket, int32_t has, address to) {
  drop_streams();
  udp_stream(socket, has, FLAT(to), r);
  if (r[0] == 0) {
    streams[0] = *(int32_t *)(r + 4);
    streams[1] = *(int32_t *)(r + 8);
  }
  return answer(4);
}

struct datagram { const void *data; size_t length; uint8_t has, pad[3], family, pad2[3]; uint16_t port; uint8_t v4[26]; };
static uint8_t bytes[70000];

static const char *send_to(int32_t stream, size_t size, const address *to) {
  struct datagram each = { .data = bytes, .length = size, .has = to != 0 };
  if (to != 0) {
    each.port = (uint16_t)to->v[0];
    for (int i = 0; i < 4; i++) each.v4[i] = (uint8_t)to->v[1 + i];
  }
  check_send(stream, r);
  if (r[0] != 0) return answer(8);
  udp_send(stream, &each, 1, r);
  return r[0] == 0 ? *(uint64_t *)(r + 8) == 1 ? "1" : "0" : answer(8);
}

static void udp_states(void) {
  const address none = v4(0, 0, 0, 0, 0);
  streams[0] = 0;
  int32_t socket = udp(0);
  say("udp unbound", "stream", stream_to(socket, 0, none));
  say("udp unbound", "stream to a peer", stream_to(socket, 1, v4(1, 127, 0, 0, 1)));
  udp_local(socket, r);
  say("udp unbound", "local-address", answer(4));
  udp_remote(socket, r);
  say("udp unbound", "remote-address", answer(4));
  udp_finish_bind(socket, r);
  say("udp unbound", "finish-bind", answer(1));
  udp_start_bind(socket, network, FLAT(LOCAL), r);
  say("udp unbound", "start-bind", answer(1));
  udp_start_bind(socket, network, FLAT(LOCAL), r);
  say("udp bind-in-progress", "start-bind", answer(1));
  say("udp bind-in-progress", "stream", stream_to(socket, 0, none));
  udp_local(socket, r);
  say("udp bind-in-progress", "local-address", answer(4));
  udp_finish_bind(socket, r);
  say("udp bind-in-progress", "finish-bind", answer(1));
  udp_start_bind(socket, network, FLAT(LOCAL), r);
  say("udp bound", "start-bind", answer(1));
  udp_local(socket, r);
  say("udp bound", "local-address", answer(4));
  const address self = loaded(4);
  say("udp bound", "stream to port 0", stream_to(socket, 1, LOCAL));
  say("udp bound", "stream to any address", stream_to(socket, 1, v4(1, 0, 0, 0, 0)));
  say("udp bound", "stream to IPv6", stream_to(socket, 1, v6(1, 0, 0, 0, 1)));
  say("udp bound", "stream", stream_to(socket, 0, none));
  udp_remote(socket, r);
  say("udp streaming", "remote-address", answer(4));
  udp_receive(streams[0], 10, r);
  say("udp streaming", "receive nothing", answer(4));
  say("udp streaming", "send to nobody", send_to(streams[1], 1, 0));
  const address port_zero = LOCAL, any = v4(1, 0, 0, 0, 0);
  say("udp streaming", "send to port 0", send_to(streams[1], 1, &port_zero));
  say("udp streaming", "send to any address", send_to(streams[1], 1, &any));
  say("udp streaming", "send too much", send_to(streams[1], 65600, &self));
  say("udp streaming", "send", send_to(streams[1], 5, &self));
  wait_for(in_subscribe(streams[0]));
  udp_receive(streams[0], 10, r);
  say("udp streaming", "receive", r[0] == 0 && *(uint32_t *)(r + 8) == 1 ? "1" : "not 1");
  say("udp bound", "stream to a peer", stream_to(socket, 1, self));
  udp_remote(socket, r);
  say("udp connected", "remote-address", answer(4));
  say("udp connected", "send", send_to(streams[1], 5, 0));
  say("udp connected", "send to the peer", send_to(streams[1], 5, &self));
  const address other = v4(self.v[0], 127, 0, 0, 2);
  say("udp connected", "send to another", send_to(streams[1], 5, &other));
  say("udp bound", "stream again", stream_to(socket, 0, none));
  udp_remote(socket, r);
  say("udp streaming", "remote-address again", answer(4));
  drop_streams();
  drop_udp(socket);
}

static void look_up(const char *name) {
  size_t n = 0;
  while (name[n] != 0) n++;
  resolve(network, name, n, r);
  if (r[0] != 0) return say("resolve", name, answer(4));
  int32_t stream = *(int32_t *)(r + 4);
  do {
    wait_for(lookup_subscribe(stream));
    next_address(stream, r);
  } while (r[0] == 1 && r[2] == 8);
  say("resolve", name, answer(2));
}

static const char *stream_answer(void) { return r[0] == 0 ? "ok" : r[4] == 1 ? "closed" : "failed"; }

static void half_close(void) {
  int32_t own = tcp(0), client = tcp(0);
  bind_to(own, LOCAL);
  listen_at(own);
  say("connect", "to a listener", connect_to(client, local_of(own)));
  int32_t in = *(int32_t *)(r + 4), to = *(int32_t *)(r + 8);
  wait_for(tcp_subscribe(own));
  tcp_accept(own, r);
  say("accept", "a connection", answer(4));
  int32_t server = *(int32_t *)(r + 4), server_in = *(int32_t *)(r + 8), server_out = *(int32_t *)(r + 12);
  write_and_flush(to, "hello", 5, r);
  say("write", "5 bytes", stream_answer());
  tcp_shutdown(client, 1, r);
  say("shutdown", "send", answer(1));
  tcp_shutdown(client, 1, r);
  say("shutdown", "send again", answer(1));
  check_write(to, r);
  say("check-write", "after shutdown", r[0] == 0 ? "ok" : r[8] == 1 ? "closed" : "failed");
  blocking_read(server_in, 10, r);
  say("read", "what was written", stream_answer());
  blocking_read(server_in, 10, r);
  say("read", "the end", stream_answer());
  write_and_flush(server_out, "world", 5, r);
  say("write", "back", stream_answer());
  blocking_read(in, 10, r);
  say("read", "it", stream_answer());
  tcp_shutdown(server, 2, r);
  say("shutdown", "both", answer(1));
  blocking_read(in, 10, r);
  say("read", "the end of the server", stream_answer());
  drop_input(in); drop_output(to); drop_tcp(client);
  drop_input(server_in); drop_output(server_out); drop_tcp(server); drop_tcp(own);
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  out = get_stdout();
  network = instance_network();
  tcp_states();
  tcp_addresses();
  half_close();
  udp_states();
  look_up("127.0.0.1");
  look_up("::1");
  look_up("::ffff:1.2.3.4");
  look_up("");
  look_up("a b");
  look_up("[::1]");
  look_up("1");
  look_up("127.1");
  look_up("a..b");
  look_up("example.com:80");
  look_up("-a-");
  look_up("a_b.invalid");
  return 0;
}
