"""As tests/guests/component/rust/program.rs, in Python: the same commands, the same output."""

import encodings.idna  # getaddrinfo needs it, and there is no import at run time
import os
import select
import socket
import sys
import time

from wit_world import exports

CHUNK = 65_536
LARGE = 1 << 20
PIPELINED = 1000


class Run(exports.Run):
    def run(self) -> None:
        command, *args = sys.argv[1:]
        COMMANDS[command](*args)
        sys.stdout.flush()


def hello(*args: str) -> None:
    print("hello", ",".join(args), os.environ["NAME"], str("NONE" not in os.environ).lower())
    for line in sys.stdin:
        print("line:", line.rstrip("\n"))
    start = time.monotonic()
    time.sleep(0.02)
    print("slept:", str(time.monotonic() - start >= 0.02).lower())
    print("to standard error", file=sys.stderr)
    sys.exit(7)


def shown(what: str, call) -> None:
    try:
        print(f"{what}: {call()}")
    except OSError as error:
        print(f"{what}: errno {error.errno}")


def names(path: str) -> str:
    return " ".join(sorted(os.listdir(path)))


def read(path: str) -> str:
    with open(path, "rb") as file:
        file.read()
    return "read"


def done(call, word: str):
    return lambda: call() or word


def files(path: str) -> None:
    file = os.path.join(path, "file")
    other = os.path.join(path, "a")
    with open(file, "x+b") as opened:
        opened.write(b"x" * 200_000)
        shown("position", opened.tell)
        opened.seek(10)
        opened.write(b"ten")
        opened.truncate(100_000)
        opened.flush()
        os.fsync(opened.fileno())
    with open(file, "ab") as opened:
        opened.write(b"end")
    with open(file, "rb") as opened:
        content = opened.read()
    print("content:", len(content), content[8:14].decode(), content[99_998:].decode())
    print("metadata:", os.stat(file).st_size, str(os.path.isfile(file)).lower())
    print("modified:", str(0 <= time.time() - os.stat(file).st_mtime < 600).lower())
    os.makedirs(os.path.join(other, "b/c"))
    os.link(file, os.path.join(path, "hard"))
    os.rename(os.path.join(path, "hard"), os.path.join(other, "renamed"))
    shown("names", lambda: names(path))
    shown("names of a", lambda: names(other))
    shown("create again", lambda: open(file, "x"))
    shown("open of nothing", lambda: open(os.path.join(path, "nothing")))
    shown("read of a directory", lambda: os.read(os.open(other, os.O_RDONLY), 10))
    shown("list of a file", lambda: names(file))
    shown("below a file", lambda: open(os.path.join(file, "x")))
    shown("remove a full directory", lambda: os.rmdir(other))
    shown("remove a directory as a file", lambda: os.unlink(os.path.join(other, "b")))
    shown("out of the directory", lambda: read(os.path.join(path, "../../etc/passwd")))
    shown("rename to a directory", lambda: os.rename(file, other))
    os.unlink(os.path.join(other, "renamed"))
    os.removedirs(os.path.join(other, "b/c"))
    os.unlink(file)
    shown("names", lambda: names(path))


def listener() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


def echo(count: str) -> None:
    server = listener()
    print(server.getsockname()[1], flush=True)
    for _ in range(int(count)):
        connection, (host, _) = server.accept()
        assert host == "127.0.0.1"
        total = 0
        while data := connection.recv(CHUNK):
            connection.sendall(data)
            total += len(data)
        connection.shutdown(socket.SHUT_WR)
        connection.close()
        print("echoed", total)


def pattern(start: int, end: int) -> bytes:
    return bytes((at * 31 + (at >> 16)) & 255 for at in range(start, end))


def dial(host: str, port: str) -> socket.socket:
    connection = socket.socket()
    connection.connect((host, int(port)))
    return connection


def client(host: str, port: str, total_text: str) -> None:
    total = int(total_text)
    connection = dial(host, port)
    connection.setblocking(False)
    poll = select.poll()
    content = pattern(0, total)
    sent, received = 0, bytearray()
    if total == 0:
        connection.shutdown(socket.SHUT_WR)
    while True:
        poll.register(connection, select.POLLIN | (select.POLLOUT if sent < total else 0))
        [(_, events)] = poll.poll()
        if sent < total and events & select.POLLOUT:
            try:
                sent += connection.send(content[sent:sent + CHUNK])
            except BlockingIOError:
                pass
            if sent == total:
                connection.shutdown(socket.SHUT_WR)
        try:
            data = connection.recv(CHUNK)
        except BlockingIOError:
            continue
        if not data:
            break
        received += data
    connection.close()
    assert received == content
    print(f"sent {sent}, received {len(received)}")


def many(host: str, port: str, count: str) -> None:
    poll = select.poll()
    connections = {}
    for _ in range(int(count)):
        connection = dial(host, port)
        connection.sendall(b"hello")
        connection.shutdown(socket.SHUT_WR)
        connection.setblocking(False)
        connections[connection.fileno()] = connection
        poll.register(connection, select.POLLIN)
    received = 0
    while connections:
        for descriptor, _ in poll.poll():
            try:
                data = connections[descriptor].recv(64)
            except BlockingIOError:
                continue
            received += len(data)
            if not data:
                poll.unregister(descriptor)
                connections.pop(descriptor).close()
    print(f"connected {count}, received {received}")


def udp() -> None:
    one, other = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
    for each in (one, other):
        each.bind(("127.0.0.1", 0))
    other.setblocking(False)
    shown("empty", lambda: other.recv(CHUNK))
    other.setblocking(True)
    shown("send_to", lambda: one.sendto(b"datagram", other.getsockname()))
    data, sender = other.recvfrom(CHUNK)
    print("received:", data.decode(), str(sender == one.getsockname()).lower())
    other.connect(one.getsockname())
    shown("send", lambda: other.send(b"to the peer"))
    shown("received", lambda: len(one.recv(CHUNK)))
    shown("large", lambda: other.send(bytes(60_000)))
    shown("received", lambda: len(one.recv(CHUNK)))


def lookup(name: str) -> None:
    try:
        found = {f"{host}:{port}" for *_, (host, port, *_) in socket.getaddrinfo(name, 80)}
        print(" ".join(sorted(found)))
    except OSError:
        print("not found")


class Redis:
    def __init__(self, host: str, port: str) -> None:
        self.connection = dial(host, port)
        self.reader = self.connection.makefile("rb")

    def send(self, *words: str) -> None:
        message = f"*{len(words)}\r\n".encode()
        for word in words:
            message += f"${len(word)}\r\n{word}\r\n".encode()
        self.connection.sendall(message)

    def reply(self) -> str:
        line = self.reader.readline().decode().rstrip()
        kind, count = line[0], line[1:]
        if kind == "$" and count != "-1":
            return self.reader.read(int(count) + 2)[:-2].decode()
        if kind == "*":
            return "[" + ", ".join(self.reply() for _ in range(int(count))) + "]"
        return line

    def call(self, *words: str) -> str:
        self.send(*words)
        return self.reply()


def redis(host: str, port: str) -> None:
    first = Redis(host, port)
    print(first.call("PING"))
    print(first.call("SET", "key", "value"))
    print(first.call("INCR", "key"))
    print(first.call("GET", "none"))
    print(first.call("RPUSH", "list", "a", "", "c"))
    print(first.call("LRANGE", "list", "0", "-1"))
    large = "".join(chr(97 + at % 26) for at in range(LARGE))
    print(first.call("SET", "large", large))
    print("large:", str(first.call("GET", "large") == large).lower())
    for _ in range(PIPELINED):
        first.send("INCR", "counter")
    for _ in range(1, PIPELINED):
        first.reply()
    print("pipelined:", first.reply())
    publisher = Redis(host, port)
    print(first.call("SUBSCRIBE", "news"))
    print(publisher.call("PUBLISH", "news", "hello"))
    print(first.reply())
    print(publisher.call("QUIT"))


COMMANDS = {
    "hello": hello, "files": files, "echo": echo, "client": client, "many": many, "udp": udp, "lookup": lookup,
    "redis": redis,
}
