// Sockets of WasmEdge, of both versions in one program as the Rust crate wasmedge_wasi_socket mixes them: sock_accept,
// sock_getlocaladdr and sock_getpeeraddr of version 1, sock_recv_from of version 2, lengths of options by pointer.
//
//   serve PORT COUNT       listens, and sends each of COUNT connections back what it sends
//   dial PORT TEXT         connects, sends TEXT and its end, and prints what comes back
//   poll PORT              connects without blocking, and waits for it with poll
//   udpserve PORT COUNT    sends COUNT datagrams back
//   udp PORT TEXT          sends a datagram and prints the answer
//   options                sets and prints options
//   lookup NAME SERVICE    prints addresses
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct address {
  uint8_t *bytes;
  uint32_t length;
};

struct vector {
  void *bytes;
  uint32_t length;
};

struct info {
  uint16_t flags;
  uint8_t family;
  uint8_t type;
  uint32_t protocol;
  uint32_t addrlen;
  struct infoaddr *addr;
  char *canonname;
  uint32_t canonname_length;
  struct info *next;
};

struct infoaddr {
  uint32_t family;
  uint32_t length;
  uint8_t *data;
};

WASI("sock_open") uint32_t sock_open(uint8_t family, uint8_t type, uint32_t *fd);
WASI("sock_bind") uint32_t sock_bind(uint32_t fd, struct address *address, uint32_t port);
WASI("sock_listen") uint32_t sock_listen(uint32_t fd, uint32_t backlog);
WASI("sock_accept") uint32_t sock_accept_v1(uint32_t fd, uint32_t *accepted);
WASI("sock_connect") uint32_t sock_connect(uint32_t fd, struct address *address, uint32_t port);
WASI("sock_recv")
uint32_t sock_recv(uint32_t fd, struct vector *to, uint32_t count, uint16_t flags, uint32_t *size, uint16_t *out);
WASI("sock_recv_from")
uint32_t sock_recv_from_v2(uint32_t fd, struct vector *to, uint32_t count, struct address *from, uint16_t flags,
                           uint32_t *port, uint32_t *size, uint16_t *out);
WASI("sock_send")
uint32_t sock_send(uint32_t fd, struct vector *from, uint32_t count, uint16_t flags, uint32_t *size);
WASI("sock_send_to")
uint32_t sock_send_to(uint32_t fd, struct vector *from, uint32_t count, struct address *to, int32_t port,
                      uint16_t flags, uint32_t *size);
WASI("sock_shutdown") uint32_t sock_shutdown(uint32_t fd, uint8_t how);
WASI("sock_getsockopt")
uint32_t sock_getsockopt(uint32_t fd, uint32_t level, uint32_t name, void *value, uint32_t *length);
WASI("sock_setsockopt")
uint32_t sock_setsockopt(uint32_t fd, uint32_t level, uint32_t name, void *value, uint32_t length);
WASI("sock_getlocaladdr")
uint32_t sock_getlocaladdr_v1(uint32_t fd, struct address *address, uint32_t *type, uint32_t *port);
WASI("sock_getpeeraddr")
uint32_t sock_getpeeraddr_v1(uint32_t fd, struct address *address, uint32_t *type, uint32_t *port);
WASI("sock_getaddrinfo")
uint32_t sock_getaddrinfo(const char *node, uint32_t node_length, const char *service, uint32_t service_length,
                          struct info *hints, struct info **list, uint32_t most, uint32_t *count);

enum { INET = 1, INET6 = 2, DGRAM = 1, STREAM = 2, SOCKET_LEVEL = 0, TCP_LEVEL = 6 };

static void check(const char *what, uint32_t error) {
  if (error == 0) return;
  printf("%s: %s\n", what, strerror((int)error));
  exit(1);
}

static uint32_t new_socket(uint8_t type) {
  uint32_t fd;
  check("sock_open", sock_open(INET, type, &fd));
  return fd;
}

// A wide address: its family and 126 bytes.
static uint8_t wide_bytes[128];

static struct address wide(void) {
  static const uint8_t start[] = {INET, 0, 127, 0, 0, 1};
  memset(wide_bytes, 0xee, sizeof wide_bytes);
  memcpy(wide_bytes, start, sizeof start);
  return (struct address){wide_bytes, sizeof wide_bytes};
}

static uint8_t narrow_bytes[4];

static struct address narrow(void) {
  static const uint8_t loopback[] = {127, 0, 0, 1};
  memcpy(narrow_bytes, loopback, sizeof loopback);
  return (struct address){narrow_bytes, sizeof narrow_bytes};
}

static void print_local(const char *what, uint32_t fd) {
  uint8_t bytes[16];
  struct address address = {bytes, sizeof bytes};
  uint32_t type = 0, port = 0;
  check("sock_getlocaladdr", sock_getlocaladdr_v1(fd, &address, &type, &port));
  printf("%s %d.%d.%d.%d:%u, type %u\n", what, bytes[0], bytes[1], bytes[2], bytes[3], port, type);
}

static void send_all(uint32_t fd, char *bytes, uint32_t length) {
  while (length > 0) {
    struct vector piece = {bytes, length};
    uint32_t sent = 0;
    check("sock_send", sock_send(fd, &piece, 1, 0, &sent));
    bytes += sent;
    length -= sent;
  }
}

static uint32_t receive(uint32_t fd, char *bytes, uint32_t length) {
  // Two pieces, the first one short.
  struct vector pieces[] = {{bytes, 3}, {bytes + 3, length - 3}};
  uint32_t size = 0;
  uint16_t flags = 9;
  check("sock_recv", sock_recv(fd, pieces, 2, 0, &size, &flags));
  if (flags != 0) printf("flags: %u\n", flags);
  return size;
}

static void serve(uint32_t port, int count) {
  uint32_t fd = new_socket(STREAM);
  uint32_t on = 1;
  check("SO_REUSEADDR", sock_setsockopt(fd, SOCKET_LEVEL, 0, &on, sizeof on));
  struct address address = wide();
  check("sock_bind", sock_bind(fd, &address, port));
  check("sock_listen", sock_listen(fd, 8));
  print_local("listening at", fd);
  uint32_t total = 0;
  for (int i = 0; i < count; i++) {
    uint32_t connection;
    check("sock_accept", sock_accept_v1(fd, &connection));
    static char bytes[16384];
    uint32_t length;
    while ((length = receive(connection, bytes, sizeof bytes)) > 0) {
      total += length;
      send_all(connection, bytes, length);
    }
    close((int)connection);
  }
  close((int)fd);
  printf("served %u bytes\n", total);
}

static void dial(uint32_t port, char *text) {
  uint32_t fd = new_socket(STREAM);
  struct address address = narrow();
  check("sock_connect", sock_connect(fd, &address, port));
  uint32_t type = 0, peer_port = 0;
  check("sock_getpeeraddr", sock_getpeeraddr_v1(fd, &address, &type, &peer_port));
  printf("connected, type %u, port %s\n", type, peer_port == port ? "right" : "wrong");
  send_all(fd, text, (uint32_t)strlen(text));
  check("sock_shutdown", sock_shutdown(fd, 2));
  printf("got: ");
  char bytes[64];
  uint32_t length;
  while ((length = receive(fd, bytes, sizeof bytes)) > 0) fwrite(bytes, 1, length, stdout);
  printf("\n");
  close((int)fd);
}

static void poll_connect(uint32_t port) {
  uint32_t fd = new_socket(STREAM);
  if (fcntl((int)fd, F_SETFL, O_NONBLOCK) != 0) printf("F_SETFL: %s\n", strerror(errno));
  struct address address = narrow();
  uint32_t error = sock_connect(fd, &address, port);
  printf("connect: %s\n", strerror((int)error));
  struct pollfd waiting = {.fd = (int)fd, .events = POLLOUT};
  int count = poll(&waiting, 1, 10000);
  uint32_t value = 99, length = sizeof value;
  check("SO_ERROR", sock_getsockopt(fd, SOCKET_LEVEL, 2, &value, &length));
  printf("poll: %d, writable: %d, SO_ERROR: %s, length %u\n", count, (waiting.revents & POLLOUT) != 0,
         strerror((int)value), length);
  char byte;
  ssize_t result = read((int)fd, &byte, 1);
  printf("read: %s\n", result < 0 ? strerror(errno) : "fine");
  close((int)fd);
}

static void udp_serve(uint32_t port, int count) {
  uint32_t fd = new_socket(DGRAM);
  struct address address = narrow();
  check("sock_bind", sock_bind(fd, &address, port));
  print_local("bound to", fd);
  for (int i = 0; i < count; i++) {
    char bytes[16];
    struct vector piece = {bytes, sizeof bytes};
    struct address from = wide();
    uint32_t from_port = 0, size = 0, sent = 0;
    uint16_t flags = 0;
    check("sock_recv_from", sock_recv_from_v2(fd, &piece, 1, &from, 0, &from_port, &size, &flags));
    printf("%u bytes from %d.%d.%d.%d, family %d, %s\n", size, from.bytes[2], from.bytes[3], from.bytes[4],
           from.bytes[5], from.bytes[0], flags == 1 ? "truncated" : "whole");
    piece.length = size;
    check("sock_send_to", sock_send_to(fd, &piece, 1, &from, (int32_t)from_port, 0, &sent));
  }
  close((int)fd);
}

static void udp(uint32_t port, char *text) {
  uint32_t fd = new_socket(DGRAM);
  struct address address = narrow();
  struct vector piece = {text, (uint32_t)strlen(text)};
  uint32_t sent = 0;
  check("sock_send_to", sock_send_to(fd, &piece, 1, &address, (int32_t)port, 0, &sent));
  check("sock_connect", sock_connect(fd, &address, port));
  char bytes[64];
  uint32_t length = receive(fd, bytes, sizeof bytes);
  printf("sent %u, got: %.*s\n", sent, (int)length, bytes);
  close((int)fd);
}

static void print_option(const char *what, uint32_t fd, uint32_t level, uint32_t name) {
  int32_t value = -1;
  uint32_t length = sizeof value;
  uint32_t error = sock_getsockopt(fd, level, name, &value, &length);
  if (error != 0) printf("%s: %s\n", what, strerror((int)error));
  else printf("%s: %d\n", what, value);
}

static void options(void) {
  uint32_t fd = new_socket(STREAM);
  print_option("type", fd, SOCKET_LEVEL, 1);
  print_option("error", fd, SOCKET_LEVEL, 2);
  print_option("listens", fd, SOCKET_LEVEL, 13);
  print_option("none", fd, SOCKET_LEVEL, 99);
  int32_t on = 1;
  check("SO_KEEPALIVE", sock_setsockopt(fd, SOCKET_LEVEL, 7, &on, sizeof on));
  print_option("keepalive", fd, SOCKET_LEVEL, 7);
  check("TCP_NODELAY", sock_setsockopt(fd, TCP_LEVEL, 1, &on, sizeof on));
  print_option("nodelay", fd, TCP_LEVEL, 1);
  struct {
    int32_t on, seconds;
  } linger = {1, 0};
  check("SO_LINGER", sock_setsockopt(fd, SOCKET_LEVEL, 9, &linger, sizeof linger));
  uint32_t length = sizeof linger;
  check("SO_LINGER", sock_getsockopt(fd, SOCKET_LEVEL, 9, &linger, &length));
  printf("linger: %d %d, length %u\n", linger.on, linger.seconds, length);
  struct timeval timeout = {.tv_sec = 0, .tv_usec = 20000};
  check("SO_RCVTIMEO", sock_setsockopt(fd, SOCKET_LEVEL, 11, &timeout, sizeof timeout));
  timeout = (struct timeval){9, 9};
  length = sizeof timeout;
  check("SO_RCVTIMEO", sock_getsockopt(fd, SOCKET_LEVEL, 11, &timeout, &length));
  printf("timeout: %lld s, %ld us, length %u\n", (long long)timeout.tv_sec, (long)timeout.tv_usec, length);
  struct address address = narrow();
  check("sock_bind", sock_bind(fd, &address, 0));
  check("sock_listen", sock_listen(fd, 1));
  print_option("listens", fd, SOCKET_LEVEL, 13);
  uint32_t connection;
  printf("accept: %s\n", strerror((int)sock_accept_v1(fd, &connection)));
  printf("on a file: %s\n", strerror((int)sock_accept_v1(1, &connection)));
  close((int)fd);
}

static void lookup(const char *name, const char *service) {
  enum { MOST = 8 };
  static struct info list[MOST];
  static struct infoaddr addresses[MOST];
  static uint8_t data[MOST][26];
  static char names[MOST][30];
  for (int i = 0; i < MOST; i++) {
    addresses[i] = (struct infoaddr){0, 14, data[i]};
    list[i] = (struct info){.addr = &addresses[i], .canonname = names[i], .canonname_length = sizeof names[i]};
    list[i].next = i + 1 < MOST ? &list[i + 1] : NULL;
  }
  struct info hints = {.family = 0, .type = STREAM};
  struct info *found = list;
  uint32_t count = 0;
  // With their NULs, as the crate has it.
  uint32_t error = sock_getaddrinfo(name, (uint32_t)strlen(name) + 1, service, (uint32_t)strlen(service) + 1, &hints,
                                    &found, MOST, &count);
  if (error != 0) {
    printf("lookup %s: %s\n", name, strerror((int)error));
    return;
  }
  for (uint32_t i = 0; i < count; i++, found = found->next) {
    uint8_t *bytes = found->addr->data;
    char text[64];
    inet_ntop(found->family == INET ? AF_INET : AF_INET6, bytes + 2, text, sizeof text);
    printf("lookup %s: %s port %d\n", name, text, bytes[0] << 8 | bytes[1]);
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *action = argc > 1 ? argv[1] : "";
  uint32_t port = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
  if (strcmp(action, "serve") == 0) serve(port, atoi(argv[3]));
  else if (strcmp(action, "dial") == 0) dial(port, argv[3]);
  else if (strcmp(action, "poll") == 0) poll_connect(port);
  else if (strcmp(action, "udpserve") == 0) udp_serve(port, atoi(argv[3]));
  else if (strcmp(action, "udp") == 0) udp(port, argv[3]);
  else if (strcmp(action, "options") == 0) options();
  else if (strcmp(action, "lookup") == 0) lookup(argv[2], argv[3]);
  else return 2;
  return 0;
}
