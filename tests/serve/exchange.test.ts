import { describe, expect, test } from "vitest";
import { always, type Peer, scriptedGuest } from "./scripted_guest.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A stream that gives one piece at a time, as it is asked for. */
function counted(pieces: number, size: number): { stream: ReadableStream<Uint8Array>; given: () => number } {
  let given = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === pieces) return controller.close();
      given++;
      controller.enqueue(new Uint8Array(size).fill(given));
    },
  }, { highWaterMark: 0 });
  return { stream, given: () => given };
}

function textStream(...texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

describe("a response", () => {
  test("has status, phrase, fields and body of the guest's", async () => {
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write(
        "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n" +
          "Connection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\nshort",
      );
    });
    const response = await fetch("/");
    expect([response.status, response.statusText, await response.text()]).toEqual([418, "I'm a teapot", "short"]);
    expect(response.headers.get("x-a")).toBe("1, 2");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("content-length")).toBe("5");
    for (const name of ["connection", "x-hop", "keep-alive"]) expect(response.headers.has(name)).toBe(false);
  });

  test.each([
    [
      "chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n3\r\n of\r\n0\r\nX: y\r\n\r\n",
      "all of",
    ],
    ["nothing that tells its end", "HTTP/1.1 200 OK\r\n\r\nall of it", "all of it"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nold", "old"],
    ["interim responses", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x"],
    ["no body, 204", "HTTP/1.1 204 No Content\r\n\r\n", ""],
    ["no body, 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""],
    ["a body that there can't be, 205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nxyz", ""],
  ])("may have %s", async (_name, text, body) => {
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write(text);
      if (!text.includes("Content") && !text.includes("chunked")) peer.handle.close();
    });
    const response = await fetch("/");
    expect(await response.text()).toBe(body);
    expect(response.headers.has("transfer-encoding")).toBe(false);
  });

  test.each([204, 205, 304])("with status %i has a null body, and the connection goes on", async (status) => {
    const guest = scriptedGuest(always((peer) => peer.write(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`)));
    for (let i = 0; i < 3; i++) {
      const response = await guest.fetch("/");
      expect([response.status, response.body]).toEqual([status, null]);
    }
    expect(guest.peers.length).toBe(1);
  });

  test("to HEAD has no body but its length, and the connection goes on", async () => {
    const guest = scriptedGuest(
      always((peer, head) =>
        peer.write(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${head.startsWith("HEAD") ? "" : "hello"}`)
      ),
    );
    const response = await guest.fetch("/", { method: "HEAD" });
    expect([response.headers.get("content-length"), await response.text()]).toEqual(["5", ""]);
    expect(await (await guest.fetch("/")).text()).toBe("hello");
    expect(guest.peers.length).toBe(1);
  });

  test("streams: each piece can be read before the next is sent", async () => {
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (let i = 0; i < 3; i++) {
        await peer.write(`2\r\n${i}\n\r\n`);
        await peer.readTo("next");
      }
      await peer.write("0\r\n\r\n");
    });
    const pieces: string[] = [];
    let asked: (() => void) | undefined;
    const questions = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise<void>((resolve) => void (asked = resolve));
        controller.enqueue(new TextEncoder().encode("next"));
      },
    });
    const response = await fetch("/", { method: "POST", body: questions, duplex: "half" });
    for await (const piece of response.body!) {
      pieces.push(new TextDecoder().decode(piece));
      asked!();
    }
    expect(pieces).toEqual(["0\n", "1\n", "2\n"]);
  });

  test("that nobody reads makes the guest wait, with bounded memory", async () => {
    let sent = 0;
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
      for (; sent < 8_000_000; sent += 10_000) await peer.write("x".repeat(10_000));
    });
    const response = await fetch("/");
    await sleep(50);
    expect(sent).toBeGreaterThan(100_000);
    expect(sent).toBeLessThan(1_000_000);
    expect((await response.arrayBuffer()).byteLength).toBe(8_000_000);
  });

  test("of 8 MB arrives whole", async () => {
    const block = Array.from({ length: 100_000 }, (_, i) => String.fromCharCode(i % 251)).join("");
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (let i = 0; i < 80; i++) await peer.write(`${block.length.toString(16)}\r\n${block}\r\n`);
      await peer.write("0\r\n\r\n");
    });
    const bytes = new Uint8Array(await (await fetch("/")).arrayBuffer());
    expect(bytes.length).toBe(8_000_000);
    expect(bytes.every((byte, i) => byte === (i % 100_000) % 251)).toBe(true);
  });

  test("that is cancelled closes the guest's connection", async () => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart");
    });
    const response = await guest.fetch("/");
    await response.body!.cancel();
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
  });

  test("that breaks off is an error of the body", async () => {
    const { fetch } = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart");
      await sleep(5);
      peer.handle.close();
    });
    const response = await fetch("/");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/interrupted/);
  });
});

describe("a request", () => {
  test("is sent with its head, without a body", async () => {
    let head = "";
    const { fetch } = scriptedGuest(always((peer, read) => {
      head = read;
      return peer.answer("");
    }));
    await fetch("/a?b=c", { headers: { "X-One": "1", "Expect": "100-continue" } });
    expect(head.split("\r\n").slice(0, 2)).toEqual(["GET /a?b=c HTTP/1.1", "host: app.test"]);
    expect(head).toContain("\r\nx-one: 1\r\n");
    expect(head).not.toMatch(/expect|connection|transfer-encoding|content-length/i);
  });

  test("is sent in chunks where its length is not known", async () => {
    const { fetch } = scriptedGuest(always(async (peer, head) => {
      expect(head).toContain("transfer-encoding: chunked");
      await peer.answer(await peer.readChunks());
    }));
    const response = await fetch("/", { method: "POST", body: textStream("one ", "", "two"), duplex: "half" });
    expect(await response.text()).toBe("one two");
  });

  test("is sent with its content-length where it has one, and the connection goes on", async () => {
    const guest = scriptedGuest(always(async (peer, head) => {
      await peer.answer(await peer.read(Number(/content-length: (\d+)/.exec(head)![1])));
    }));
    for (const body of ["hello", "", "again"]) {
      const headers = { "content-length": String(body.length) };
      const response = await guest.fetch("/", { method: "PUT", body: textStream(body), headers, duplex: "half" });
      expect(await response.text()).toBe(body);
    }
    expect(guest.peers.length).toBe(1);
  });

  test("of 4 MB arrives whole, in chunks and with its length", async () => {
    const { fetch } = scriptedGuest(always(async (peer, head) => {
      const length = /content-length: (\d+)/.exec(head);
      const body = length === null ? await peer.readChunks() : await peer.read(Number(length[1]));
      let sum = 0;
      for (let i = 0; i < body.length; i++) sum = (sum * 31 + body.charCodeAt(i)) >>> 0;
      await peer.answer(`${body.length} ${sum}`);
    }));
    const answers = [];
    for (const headers of [{}, { "content-length": "4000000" }] as Record<string, string>[]) {
      const { stream } = counted(80, 50_000);
      answers.push(await (await fetch("/", { method: "POST", body: stream, headers, duplex: "half" })).text());
    }
    expect(answers[0]).toMatch(/^4000000 [1-9]/);
    expect(answers[1]).toBe(answers[0]);
  });

  test("is read from its stream only as fast as the guest reads", async () => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      peer.handle.pause();
      await sleep(30);
      expect(given()).toBeLessThan(40);
      peer.handle.resume();
      await peer.answer(String((await peer.readChunks()).length));
    });
    const { stream, given } = counted(200, 20_000);
    const response = await guest.fetch("/", { method: "POST", body: stream, duplex: "half" });
    expect(await response.text()).toBe("4000000");
  });

  test.each([
    ["is longer than its content-length", "3", /but it is longer/],
    ["is shorter than its content-length", "30", /only 5 bytes/],
  ])("that %s rejects, and the guest's connection is reset", async (_name, length, message) => {
    const guest = scriptedGuest((peer) => peer.over());
    const headers = { "content-length": length };
    const answer = guest.fetch("/", { method: "POST", body: textStream("hello"), headers, duplex: "half" });
    await expect(answer).rejects.toThrow(message);
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
  });

  test("whose body fails rejects with that, and the guest's connection is reset", async () => {
    const guest = scriptedGuest((peer) => peer.over());
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await sleep(5);
        controller.error(new Error("upload broke"));
      },
    });
    await expect(guest.fetch("/", { method: "POST", body, duplex: "half" })).rejects.toThrow("upload broke");
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
  });

  test("that is answered before it was read is cancelled, and the connection is not used again", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("enough")));
    let reason: unknown;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: (given) => void (reason = given),
    });
    expect(await (await guest.fetch("/", { method: "POST", body, duplex: "half" })).text()).toBe("enough");
    await sleep(1);
    expect(String(reason)).toContain("responded before");
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
    expect(await (await guest.fetch("/")).text()).toBe("enough");
    expect(guest.peers.length).toBe(2);
  });

  test("whose body was used is refused", async () => {
    const { fetch } = scriptedGuest(always((peer) => peer.answer("")));
    const request = new Request("http://app.test/", { method: "POST", body: "x" });
    await request.text();
    await expect(fetch(request)).rejects.toThrow(TypeError);
  });
});

describe("an abort", () => {
  test("before it was sent rejects with its reason", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("")));
    await expect(guest.fetch("/", { signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
    expect(guest.peers.length).toBe(0);
  });

  test("while the connection is opened rejects, and the connection is for the next", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("next")), 1);
    const controller = new AbortController();
    const first = guest.fetch("/", { signal: controller.signal });
    const second = guest.fetch("/");
    controller.abort(new Error("not now"));
    await expect(first).rejects.toThrow("not now");
    expect(await (await second).text()).toBe("next");
    expect(guest.peers.length).toBe(1);
  });

  test("while the guest is working rejects, and closes its connection", async () => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.over();
    });
    const controller = new AbortController();
    const answer = guest.fetch("/", { signal: controller.signal });
    await sleep(1);
    controller.abort(new Error("too slow"));
    await expect(answer).rejects.toThrow("too slow");
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
  });

  test("while the response streams is an error of the body, and closes the guest's connection", async () => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart");
    });
    const controller = new AbortController();
    const response = await guest.fetch("/", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(response.text()).rejects.toThrow("enough");
    expect(await guest.peers[0]!.over()).toBe("CONNRESET");
  });

  test("after the response changes nothing", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("done")));
    const controller = new AbortController();
    const response = await guest.fetch("/", { signal: controller.signal });
    controller.abort();
    expect(await response.text()).toBe("done");
    await guest.fetch("/");
    expect(guest.peers.length).toBe(1);
  });

  test("while a connection is waited for takes nothing from the others", async () => {
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => void (go = resolve));
    const guest = scriptedGuest(
      always(async (peer) => {
        await gate;
        await peer.answer("ok");
      }),
      1,
    );
    const controller = new AbortController();
    const first = guest.fetch("/");
    const second = guest.fetch("/", { signal: controller.signal });
    const third = guest.fetch("/");
    controller.abort(new Error("gave up"));
    await expect(second).rejects.toThrow("gave up");
    go();
    expect([await (await first).text(), await (await third).text()]).toEqual(["ok", "ok"]);
    expect(guest.peers.length).toBe(1);
  });
});

describe("connections", () => {
  test("are used again one after another", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("x")));
    for (let i = 0; i < 20; i++) expect(await (await guest.fetch("/")).text()).toBe("x");
    expect(guest.peers.length).toBe(1);
  });

  test("are as many as there are requests at once, up to the most; and each gets its answer", async () => {
    const guest = scriptedGuest(
      always(async (peer, head) => {
        await sleep(1);
        await peer.answer(/GET (\S+)/.exec(head)![1]!);
      }),
      10,
    );
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const answers = await Promise.all(paths.map(async (path) => (await guest.fetch(path)).text()));
    expect(answers).toEqual(paths);
    expect(guest.peers.length).toBe(10);
  });

  test.each(["Connection: close\r\n", "Connection: Close, x\r\n"])("are not used after %j", async (fields) => {
    const guest = scriptedGuest(always((peer) => peer.answer("x", fields)));
    await guest.fetch("/");
    await guest.fetch("/");
    expect(guest.peers.length).toBe(2);
    expect(await guest.peers[0]!.over()).toBe("ended");
  });

  test("that the guest closed while nobody used them are not used", async () => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      await peer.answer("x");
      peer.handle.close();
    });
    for (let i = 0; i < 3; i++) {
      expect(await (await guest.fetch("/")).text()).toBe("x");
      await sleep(1);
    }
    expect(guest.peers.length).toBe(3);
  });

  /** Answers once, and closes the connection just when the second request is sent. */
  async function closesOnSecond(peer: Peer): Promise<void> {
    await peer.readHead();
    await peer.answer("x");
    await peer.readHead();
    peer.handle.close();
  }

  test.each(["GET", "DELETE"])("that close just when they are used again: %s is sent once more", async (method) => {
    const guest = scriptedGuest(closesOnSecond);
    await guest.fetch("/");
    expect(await (await guest.fetch("/", { method })).text()).toBe("x");
    expect(guest.peers.length).toBe(2);
  });

  test.each([
    ["POST", { method: "POST" }],
    ["PUT with a body", { method: "PUT", body: "x" }],
  ])("that close just when they are used again: %s is not sent twice", async (_name, init) => {
    const guest = scriptedGuest(closesOnSecond);
    await guest.fetch("/");
    expect((await guest.fetch("/", init)).status).toBe(502);
    expect(guest.peers.length).toBe(1);
  });

  test("that always close are not tried for ever", async () => {
    const guest = scriptedGuest(async (peer, index) => {
      await peer.readHead();
      if (index === 0) {
        await peer.answer("x");
        await peer.readHead();
      }
      peer.handle.reset();
    });
    await guest.fetch("/");
    expect((await guest.fetch("/")).status).toBe(502);
    expect(guest.peers.length).toBe(2);
  });
});

describe("502 with a text", () => {
  test.each([
    ["no HTTP", "220 mail.test ESMTP\r\n\r\n", /invalid status line/],
    ["a head that is too long", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}`, /65536 bytes/],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", /conflicting content-length/],
    ["a status that fetch has not", "HTTP/1.1 999 Nine\r\nContent-Length: 0\r\n\r\n", /./],
    ["a protocol nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /protocol/],
    ["an end at once", undefined, /closed before the end/],
  ])("is the answer to %s, and the connection is not used again", async (_name, text, message) => {
    const guest = scriptedGuest(async (peer) => {
      await peer.readHead();
      if (text === undefined) peer.handle.close();
      else await peer.write(text);
    });
    const response = await guest.fetch("/");
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/plain; charset=utf-8"]);
    expect(await response.text()).toMatch(message);
    if (text !== undefined) expect(await guest.peers[0]!.over()).toBe("CONNRESET");
    await guest.fetch("/");
    expect(guest.peers.length).toBe(2);
  });

  test("is not the answer where a complete response came before the nonsense", async () => {
    const guest = scriptedGuest(always((peer) => peer.answer("good", "\r\nmore").catch(() => {})));
    const response = await guest.fetch("/");
    expect([response.status, await response.text()]).toEqual([200, "more"]);
    await guest.fetch("/");
    expect(guest.peers.length).toBe(2);
  });
});

describe("503 with a text", () => {
  test("is the answer once nobody listens", async () => {
    const guest = scriptedGuest((peer) => peer.over());
    guest.listener.close();
    const response = await guest.fetch("/");
    expect([response.status, await response.text()]).toEqual([
      503,
      "Service unavailable: the guest no longer listens (CONNREFUSED)\n",
    ]);
  });

  test("is the answer once the pool is closed, also to those who wait", async () => {
    const guest = scriptedGuest((peer) => peer.over(), 1);
    const sent = guest.fetch("/");
    const waiting = guest.fetch("/");
    await sleep(1);
    guest.pool.close("the guest has ended");
    expect((await sent).status).toBe(502);
    expect((await waiting).status).toBe(503);
    expect(await (await guest.fetch("/")).text()).toBe("Service unavailable: the guest has ended\n");
  });
});
