import net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RuntimeServer, startServer } from "./runtime_server.ts";
import { type Peer, scriptedGuest } from "./scripted_guest.ts";

/** What the guest answers, by the path of the request. */
const ANSWERS: Readonly<Record<string, string>> = {
  "/last": "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast",
  "/205-length": "HTTP/1.1 205 Reset Content\r\nContent-Length: 10\r\n\r\n0123456789",
  "/205": "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
  "/204-length": "HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n",
  "/304-length": "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
  "/list": "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
  "/twice": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
  "/zeros": "HTTP/1.1 200 OK\r\nContent-Length: 0002\r\n\r\nok",
  "/list-of-two": "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
  "/two": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
  "/both": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "/folded": "HTTP/1.1 200 OK\r\nX-A: 1\r\n  2\r\nContent-Length: 2\r\n\r\nok",
  "/nul": "HTTP/1.1 200 OK\r\nX-A: 1\x002\r\nContent-Length: 2\r\n\r\nok",
  "/lone-cr": "HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 2\r\n\r\nok",
  "/lone-lf": "HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\nContent-Length: 2\r\n\r\nok",
  "/space": "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
  "/trailer":
    "HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nContent-Length: 9\r\nX-A: 1\r\n\r\n",
};

/** Heads of the requests that came to the guest. */
const heads: string[] = [];

async function script(peer: Peer): Promise<void> {
  for (;;) {
    const head = await peer.readHead();
    heads.push(head);
    await peer.write(ANSWERS[head.split(" ")[1]!] ?? ANSWERS["/last"]!);
  }
}

let server: RuntimeServer;
beforeAll(async () => {
  server = await startServer(scriptedGuest(script).fetch);
});
afterAll(async () => {
  await server.close();
});

/** When the next request is sent after something of the response before has come (ms). */
const PAUSE_MS = 50;

/** Send requests one after the other, and read until the server closes the connection. */
function send(text: string, ...more: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = net.connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(5000, () => socket.destroy(new Error(`The server is silent after ${JSON.stringify(received)}`)));
    const left = [...more];
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      const next = left.shift();
      if (next !== undefined) setTimeout(() => socket.write(next), PAUSE_MS);
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
  });
}

interface Answer {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
}

/** Take a response off the front of what a client received, as a strict client does. */
function takeAnswer(text: string, method: string): [Answer, rest: string] {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...fields] = text.slice(0, end).toLowerCase().split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const rest = text.slice(end + 4);
  const lengths = fields.filter((field) => field.startsWith("content-length:")).map((field) => field.slice(15).trim());
  const isChunked = fields.includes("transfer-encoding: chunked");
  expect([statusLine, lengths.length + Number(isChunked) <= 1]).toEqual([statusLine, true]);
  for (const length of lengths) expect(length).toMatch(/^(0|[1-9]\d*)$/);
  if (method === "HEAD" || status === 204 || status === 304) return [{ status, fields, body: "" }, rest];
  if (!isChunked) {
    const length = Number(lengths[0] ?? 0);
    return [{ status, fields, body: rest.slice(0, length) }, rest.slice(length)];
  }
  const chunks = /^((?:[1-9a-f][0-9a-f]*\r\n[^]*?\r\n)*)0\r\n\r\n/.exec(rest)!;
  const body = chunks[1]!.replace(/[0-9a-f]+\r\n([^]*?)\r\n/g, "$1");
  return [{ status, fields, body }, rest.slice(chunks[0].length)];
}

/** Ask for a path and then, over the same connection, for the last one, whose response shows where the first one ended. */
async function ask(path: string, method = "GET"): Promise<Answer> {
  const text = await send(
    `${method} ${path} HTTP/1.1\r\nHost: app.test\r\n\r\n`,
    "GET /last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n",
  );
  const [first, rest] = takeAnswer(text, method);
  const [last, nothing] = takeAnswer(rest, "GET");
  expect([last.status, last.body, nothing]).toEqual([200, "last", ""]);
  return first;
}

describe("what reaches the client", () => {
  test.each([["/205-length", 205], ["/205", 205], ["/204-length", 204], ["/304-length", 304]])(
    "%s has no body, and no length of one",
    async (path, status) => {
      const answer = await ask(path);
      expect([answer.status, answer.body]).toEqual([status, ""]);
      if (status === 304) return;
      expect(answer.fields.filter((field) => field.startsWith("content-length") && !field.endsWith(" 0"))).toEqual([]);
    },
  );

  test("to HEAD is the length", async () => {
    const answer = await ask("/list", "HEAD");
    expect([answer.status, answer.fields.includes("content-length: 2")]).toEqual([200, true]);
  });

  test.each(["/list", "/twice", "/zeros"])("has one length: %s", async (path) => {
    const answer = await ask(path);
    expect([answer.status, answer.body]).toEqual([200, "ok"]);
    expect(answer.fields.filter((field) => /2, ?2|0002/.test(field))).toEqual([]);
  });

  test("has no trailers", async () => {
    const answer = await ask("/trailer");
    expect([answer.status, answer.body]).toEqual([200, "ok"]);
    expect(answer.fields.filter((field) => field.startsWith("x-a") || field.startsWith("trailer"))).toEqual([]);
  });

  test.each(["/list-of-two", "/two", "/both", "/folded", "/nul", "/lone-cr", "/lone-lf", "/space"])(
    "is 502 for a response that breaks the rules: %s",
    async (path) => {
      expect((await ask(path)).status).toBe(502);
    },
  );
});

describe("the Host of a request", () => {
  const GOOD = ["app.test", "app.test:8080", "127.0.0.1", "[::1]", "[::1]:80", "x_y.test", "APP.test"];
  const BAD = [
    "a b",
    "app.test, other.test",
    "user@app.test",
    "app.test/path",
    "app.test?x",
    "app.test#x",
    "app.test:port",
    "app.test:99999",
    "app\\test",
    "<app>",
    "[::1",
    'a"b',
    "%zz",
  ];

  function headsOf(fields: string): Promise<[status: number, hosts: readonly string[]]> {
    const before = heads.length;
    return send(`GET /last HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`).then((text) => {
      const came = heads.slice(before).join("").split("\r\n");
      return [Number(text.split(" ")[1]), came.filter((line) => /^host:/i.test(line))];
    });
  }

  test.each(GOOD)("reaches the guest once: %s", async (host) => {
    const [status, hosts] = await headsOf(`Host: ${host}\r\n`);
    expect([status, hosts.map((line) => line.toLowerCase())]).toEqual([200, [`host: ${host.toLowerCase()}`]]);
  });

  test.each(BAD)("that is none does not reach the guest: %s", async (host) => {
    const [status, hosts] = await headsOf(`Host: ${host}\r\n`);
    expect(hosts.filter((line) => line.toLowerCase() === `host: ${host.toLowerCase()}`)).toEqual([]);
    if (status !== 200) expect([status, hosts]).toEqual([400, []]);
  });

  test("that is there twice does not reach the guest twice", async () => {
    const [status, hosts] = await headsOf("Host: one.test\r\nHost: two.test\r\n");
    if (status === 200) expect(hosts).toHaveLength(1);
    else expect(hosts).toEqual([]);
    expect(hosts.join("")).not.toContain(",");
  });
});
