// Sockets of BSD. The first argument names what is done:
//   echo N                  listen, print the port, and send N connections back what they send, one after the other
//   client HOST PORT BYTES  send that many bytes, half-close, and read them back; both directions at once
//   flood HOST PORT BYTES   send, half-close, then read to the end
//   many HOST PORT N        N connections at once, each made without blocking, all in one poll
//   refused HOST PORT       connect, blocking and not, where nobody listens
//   udp                     two sockets that send to each other
//   lookup NAME             the addresses of a name
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536
static char buffer[CHUNK];

static void die(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  exit(1);
}

static int checked(int result, const char *what) {
  if (result < 0) die(what);
  return result;
}

static void nonblocking(int fd) {
  checked(fcntl(fd, F_SETFL, checked(fcntl(fd, F_GETFL), "F_GETFL") | O_NONBLOCK), "F_SETFL");
}

static struct sockaddr_in loopback(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die("inet_pton");
  return address;
}

static int listener(int *port) {
  int fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
  int on = 1;
  checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  struct sockaddr_in address = loopback("127.0.0.1", 0);
  socklen_t length = sizeof address;
  checked(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
  checked(listen(fd, 16), "listen");
  checked(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
  *port = ntohs(address.sin_port);
  return fd;
}

static void send_all(int fd, const char *at, size_t length) {
  while (length > 0) {
    ssize_t sent = checked(send(fd, at, length, 0), "send");
    at += sent;
    length -= (size_t)sent;
  }
}

static int echo(int count) {
  int port, fd = listener(&port);
  printf("%d\n", port);
  fflush(stdout);
  while (count-- > 0) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int connection = checked(accept(fd, (struct sockaddr *)&peer, &length), "accept");
    if (peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK)) die("address of the peer");
    ssize_t got;
    size_t total = 0;
    while ((got = checked(recv(connection, buffer, CHUNK, 0), "recv")) > 0) {
      send_all(connection, buffer, (size_t)got);
      total += (size_t)got;
    }
    checked(shutdown(connection, SHUT_WR), "shutdown");
    checked(close(connection), "close");
    printf("echoed %zu\n", total);
  }
  return close(fd);
}

static int dial(const char *host, int port) {
  int fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
  struct sockaddr_in address = loopback(host, port);
  checked(connect(fd, (struct sockaddr *)&address, sizeof address), "connect");
  return fd;
}

static char byte_at(size_t at) { return (char)(at * 31 + (at >> 16)); }

static void fill(size_t from, size_t length) {
  for (size_t i = 0; i < length; i++) buffer[i] = byte_at(from + i);
}

static void compare(size_t from, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (buffer[i] == byte_at(from + i)) continue;
    printf("wrong byte at %zu\n", from + i);
    exit(1);
  }
}

static int client(const char *host, int port, size_t total) {
  int fd = dial(host, port);
  int on = 1;
  checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  nonblocking(fd);
  size_t sent = 0, received = 0;
  if (total == 0) checked(shutdown(fd, SHUT_WR), "shutdown");
  for (;;) {
    short events = POLLIN | (sent < total ? POLLOUT : 0);
    struct pollfd entry = {.fd = fd, .events = events};
    checked(poll(&entry, 1, -1), "poll");
    if (entry.revents & POLLOUT) {
      size_t length = total - sent < CHUNK ? total - sent : CHUNK;
      fill(sent, length);
      ssize_t now = send(fd, buffer, length, 0);
      if (now < 0 && errno != EAGAIN) die("send");
      if (now > 0 && (sent += (size_t)now) == total) checked(shutdown(fd, SHUT_WR), "shutdown");
    }
    if (entry.revents & (POLLIN | POLLHUP)) {
      ssize_t now = recv(fd, buffer, CHUNK, 0);
      if (now < 0 && errno != EAGAIN) die("recv");
      if (now == 0) break;
      if (now > 0) compare(received, (size_t)now), received += (size_t)now;
    }
  }
  checked(close(fd), "close");
  printf("sent %zu, received %zu\n", sent, received);
  return sent != received;
}

static int flood(const char *host, int port, size_t total) {
  int fd = dial(host, port);
  for (size_t sent = 0; sent < total;) {
    size_t length = total - sent < CHUNK ? total - sent : CHUNK;
    fill(sent, length);
    send_all(fd, buffer, length);
    sent += length;
  }
  checked(shutdown(fd, SHUT_WR), "shutdown");
  errno = 0;
  printf("send after shutdown: %zd %d\n", send(fd, "x", 1, 0), errno == EPIPE);
  size_t received = 0;
  ssize_t now;
  while ((now = checked(recv(fd, buffer, CHUNK, 0), "recv")) > 0) received += (size_t)now;
  printf("received %zu\n", received);
  printf("recv at the end: %zd\n", recv(fd, buffer, 1, 0));
  return close(fd);
}

static int many(const char *host, int port, int count) {
  struct pollfd entries[64];
  if (count > 64) return 2;
  struct sockaddr_in address = loopback(host, port);
  for (int i = 0; i < count; i++) {
    int fd = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    int result = connect(fd, (struct sockaddr *)&address, sizeof address);
    if (result < 0 && errno != EINPROGRESS) die("connect");
    entries[i] = (struct pollfd){.fd = fd, .events = POLLOUT};
  }
  int open = count, connected = 0;
  size_t received = 0;
  while (open > 0) {
    checked(poll(entries, (nfds_t)count, -1), "poll");
    for (int i = 0; i < count; i++) {
      struct pollfd *entry = &entries[i];
      if (entry->fd < 0 || entry->revents == 0) continue;
      if (entry->events == POLLOUT) {
        int error = -1;
        socklen_t length = sizeof error;
        checked(getsockopt(entry->fd, SOL_SOCKET, SO_ERROR, &error, &length), "SO_ERROR");
        if (error != 0) errno = error, die("connection");
        struct sockaddr_in peer;
        length = sizeof peer;
        checked(getpeername(entry->fd, (struct sockaddr *)&peer, &length), "getpeername");
        connected += peer.sin_port == address.sin_port;
        checked((int)send(entry->fd, "hello", 5, 0), "send");
        checked(shutdown(entry->fd, SHUT_WR), "shutdown");
        entry->events = POLLIN;
        continue;
      }
      ssize_t now = recv(entry->fd, buffer, CHUNK, 0);
      if (now < 0 && errno == EAGAIN) continue;
      if (checked((int)now, "recv") > 0) received += (size_t)now;
      else checked(close(entry->fd), "close"), entry->fd = -1, open--;
    }
  }
  printf("connected %d, received %zu\n", connected, received);
  return 0;
}

static int refused(const char *host, int port) {
  struct sockaddr_in address = loopback(host, port);
  int fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
  int result = connect(fd, (struct sockaddr *)&address, sizeof address);
  printf("blocking: %d %s\n", result, strerror(errno));
  checked(close(fd), "close");
  fd = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  result = connect(fd, (struct sockaddr *)&address, sizeof address);
  if (result < 0 && errno == EINPROGRESS) {
    struct pollfd entry = {.fd = fd, .events = POLLOUT};
    checked(poll(&entry, 1, -1), "poll");
    socklen_t length = sizeof errno;
    result = -1;
    checked(getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &length), "SO_ERROR");
  }
  printf("non-blocking: %d %s\n", result, strerror(errno));
  return close(fd);
}

static int datagram_socket(struct sockaddr_in *address) {
  int fd = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  socklen_t length = sizeof *address;
  *address = loopback("127.0.0.1", 0);
  checked(bind(fd, (struct sockaddr *)address, sizeof *address), "bind");
  checked(getsockname(fd, (struct sockaddr *)address, &length), "getsockname");
  return fd;
}

static int udp(void) {
  struct sockaddr_in one, other, from;
  socklen_t length = sizeof from;
  int a = datagram_socket(&one), b = datagram_socket(&other);
  nonblocking(b);
  printf("empty: %zd %d\n", recv(b, buffer, CHUNK, 0), errno == EAGAIN);
  printf("sendto: %zd\n", sendto(a, "datagram", 8, 0, (struct sockaddr *)&other, sizeof other));
  struct pollfd entries[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
  printf("poll: %d", poll(entries, 2, 5000));
  printf(" %d %d\n", entries[0].revents, entries[1].revents == POLLIN);
  ssize_t got = recvfrom(b, buffer, CHUNK, 0, (struct sockaddr *)&from, &length);
  printf("recvfrom: %zd %.8s from the other: %d\n", got, buffer, from.sin_port == one.sin_port);
  checked(connect(b, (struct sockaddr *)&one, sizeof one), "connect");
  printf("send: %zd\n", send(b, "to the peer", 11, 0));
  got = recvfrom(a, buffer, 4, 0, (struct sockaddr *)&from, &length);
  printf("recvfrom, cut: %zd %.4s\n", got, buffer);
  printf("empty datagram: %zd\n", send(b, "", 0, 0));
  printf("received: %zd\n", recv(a, buffer, CHUNK, 0));
  memset(buffer, 'x', CHUNK);
  printf("large: %zd\n", send(b, buffer, 60000, 0));
  printf("received: %zd\n", recv(a, buffer, CHUNK, 0));
  printf("too large: %zd %s\n", send(b, buffer, CHUNK, 0), strerror(errno));
  close(a);
  return close(b);
}

static int lookup(const char *name) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  int error = getaddrinfo(name, "80", &hints, &list);
  printf("getaddrinfo: %d\n", error);
  if (error != 0) return 0;
  for (struct addrinfo *each = list; each != NULL; each = each->ai_next) {
    char text[64];
    void *at = each->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)each->ai_addr)->sin_addr
                                          : (void *)&((struct sockaddr_in6 *)each->ai_addr)->sin6_addr;
    printf("%s %d\n", inet_ntop(each->ai_family, at, text, sizeof text),
           ntohs(((struct sockaddr_in *)each->ai_addr)->sin_port));
  }
  freeaddrinfo(list);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "udp") == 0) return udp();
  if (argc > 2 && strcmp(what, "echo") == 0) return echo(atoi(argv[2]));
  if (argc > 2 && strcmp(what, "lookup") == 0) return lookup(argv[2]);
  if (argc > 3 && strcmp(what, "refused") == 0) return refused(argv[2], atoi(argv[3]));
  if (argc > 4 && strcmp(what, "client") == 0) return client(argv[2], atoi(argv[3]), (size_t)atol(argv[4]));
  if (argc > 4 && strcmp(what, "flood") == 0) return flood(argv[2], atoi(argv[3]), (size_t)atol(argv[4]));
  if (argc > 4 && strcmp(what, "many") == 0) return many(argv[2], atoi(argv[3]), atoi(argv[4]));
  return 2;
}
