// The other end of the connections of tests/guests/component/c/tcp_bench.c: prints its port of 127.0.0.1, and serves one
// connection at a time until its standard input ends. The first byte of a connection tells what it is for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BULK (64l << 20)
#define PIECE 65536l

static char in[PIECE], out[PIECE];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void echo(int fd) {
  for (;;) {
    ssize_t got = recv(fd, in, sizeof in, 0);
    if (got <= 0 || send(fd, in, (size_t)got, MSG_NOSIGNAL) != got) return;
  }
}

static void move(int fd, long to_send, long to_receive) {
  int answers = to_receive > 0;
  while (to_send > 0 || to_receive > 0) {
    struct pollfd wait = { fd, (short)((to_send > 0 ? POLLOUT : 0) | (to_receive > 0 ? POLLIN : 0)), 0 };
    if (poll(&wait, 1, -1) < 0) fail("poll");
    if (to_receive > 0) {
      ssize_t got = recv(fd, in, PIECE, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return;
      if (got > 0) to_receive -= got;
    }
    if (to_send > 0) {
      ssize_t sent = send(fd, out, (size_t)(to_send < PIECE ? to_send : PIECE), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return;
      if (sent > 0) to_send -= sent;
    }
  }
  if (answers) send(fd, out, 1, MSG_NOSIGNAL);
  while (recv(fd, in, sizeof in, 0) > 0) {}
}

static void serve(int fd) {
  int one = 1;
  char use;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (recv(fd, &use, 1, 0) == 1) {
    if (use == 'p') echo(fd);
    else move(fd, use == 'o' ? 0 : BULK, use == 'i' ? 0 : BULK);
  }
  close(fd);
}

int main(void) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 16) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd waits[2] = { { listener, POLLIN, 0 }, { 0, POLLIN, 0 } };
    if (poll(waits, 2, -1) < 0) fail("poll");
    if (waits[1].revents != 0) return 0;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) fail("accept");
    serve(fd);
  }
}
