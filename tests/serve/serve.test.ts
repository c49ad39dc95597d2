import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualNetwork } from "../../src/platform/memory/mod.ts";
import { type App, serve } from "../../src/serve/mod.ts";
import { goGuest, watGuest } from "../tools/guests.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const LISTEN = { net: { listen: ["127.0.0.1:8080"] } };

let guest: string;
beforeAll(async () => {
  guest = await goGuest("httpserver");
}, 120_000);

describe("a Go net/http guest", () => {
  let app: App;
  beforeAll(async () => {
    app = await serve(guest, LISTEN);
  });
  afterAll(() => app.close());

  const get = (path: string, init?: RequestInit & { duplex?: "half" }): Promise<Response> =>
    app.fetch(new Request(new URL(path, "http://app.test/"), init));

  test("answers", async () => {
    expect(app.port).toBe(8080);
    const response = await get("/hello?name=Ada");
    expect([response.status, response.statusText, await response.text()]).toEqual([200, "OK", "hello Ada"]);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect((await get("/nothing")).status).toBe(404);
  });

  test("answers HEAD", async () => {
    const response = await get("/bytes?count=1000", { method: "HEAD" });
    expect([response.headers.get("content-length"), await response.text()]).toEqual(["1000", ""]);
  });

  test("sees the request as it is", async () => {
    const headers = { "X-One": "1", "Connection": "x-two", "X-Two": "2", "Accept": "text/html, */*" };
    const response = await get("/headers?names=x-one,x-two,accept", { method: "DELETE", headers });
    expect((await response.text()).split("\n")).toEqual([
      "DELETE app.test /headers?names=x-one,x-two,accept",
      'x-one: ["1"]',
      "x-two: []",
      'accept: ["text/html, */*"]',
      "",
    ]);
  });

  test("streams both ways at once: each piece comes back before the next is sent", async () => {
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    const answer = get("/echo", { method: "POST", body, duplex: "half" });
    controller.enqueue(new TextEncoder().encode("piece 0"));
    const reader = (await answer).body!.getReader();
    for (let i = 0; i < 5; i++) {
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toBe(`piece ${i}`);
      controller.enqueue(new TextEncoder().encode(`piece ${i + 1}`));
    }
    controller.close();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("piece 5");
    expect((await reader.read()).done).toBe(true);
  });

  test("streams a response as it is made", async () => {
    const response = await get("/ticks");
    const pieces = [];
    for await (const piece of response.body!) pieces.push(new TextDecoder().decode(piece));
    expect(pieces).toEqual(["tick 0\n", "tick 1\n", "tick 2\n"]);
  });

  test("sends and takes megabytes", async () => {
    const bytes = new Uint8Array(await (await get("/bytes?count=5000000")).arrayBuffer());
    expect(bytes.length).toBe(5_000_000);
    expect(bytes.every((byte, i) => byte === (i % 65_536) % 251)).toBe(true);
    const echoed = new Uint8Array(await (await get("/echo", { method: "PUT", body: bytes })).arrayBuffer());
    expect(Buffer.compare(echoed, bytes)).toBe(0);
  });

  test("answers many at once", async () => {
    const names = Array.from({ length: 500 }, (_, i) => `number ${i}`);
    const answers = await Promise.all(names.map(async (name) => {
      return await (await get(`/hello?name=${encodeURIComponent(name)}`)).text();
    }));
    expect(answers).toEqual(names.map((name) => `hello ${name}`));
  });

  test("learns that the client is gone: by the request's signal, and by the body's cancel", async () => {
    const controller = new AbortController();
    const waiting = await get("/wait?name=aborted", { signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(waiting.text()).rejects.toThrow("gone");
    expect(await (await get("/ended")).text()).toBe("aborted");
    await (await get("/wait?name=cancelled")).body!.cancel();
    expect(await (await get("/ended")).text()).toBe("cancelled");
  });
});

describe("the end", () => {
  test("of a guest that ended: 503, and `ended` tells how", async () => {
    const app = await serve(guest, { ...LISTEN, stderr: "text" });
    expect((await app.fetch(new Request("http://app.test/exit"))).status).toBe(502);
    expect(await app.ended).toMatchObject({ exitCode: 3, stderr: "" });
    const response = await app.fetch(new Request("http://app.test/hello"));
    expect([response.status, await response.text()]).toEqual([503, "Service unavailable: the guest has ended\n"]);
    await app.close();
  });

  test("by close: what is being answered breaks off, and `ended` rejects", async () => {
    const app = await serve(guest, LISTEN);
    const response = await app.fetch(new Request("http://app.test/wait"));
    await app.close();
    await expect(response.text()).rejects.toThrow();
    await expect(app.ended).rejects.toMatchObject({ name: "AbortError" });
    expect((await app.fetch(new Request("http://app.test/hello"))).status).toBe(503);
    await app.close();
  });

  test("by `await using`", async () => {
    let kept: App;
    {
      await using app = await serve(guest, LISTEN);
      kept = app;
      expect((await app.fetch(new Request("http://app.test/hello"))).status).toBe(200);
    }
    await expect(kept.ended).rejects.toThrow("closed");
  });

  test("by the signal of the options", async () => {
    const controller = new AbortController();
    const app = await serve(guest, { ...LISTEN, signal: controller.signal });
    controller.abort(new Error("shut down"));
    await expect(app.ended).rejects.toThrow("shut down");
    await expect(serve(guest, { ...LISTEN, signal: controller.signal })).rejects.toThrow("shut down");
  });
});

describe("a guest that does not listen", () => {
  // A listener that is preopened listens at once: only without it can a guest end before.
  test.each(["inherit", "text", "bytes"] as const)("is told by its exit code and what it said (%s)", async (stderr) => {
    await expect(serve(guest, { args: ["fail"], stderr })).rejects.toThrow(
      "The guest ended with exit code 7 before it listened; its standard error:\ncannot read the configuration",
    );
  });

  test("gets a hint if it listens on the network that Go simulates", async () => {
    const stock = await goGuest("stockserver");
    const hint =
      /exit code 2 before it listened: net\.Listen of stock Go reaches nobody on wasip1; pass net\.listen[^]*deadlock/;
    await expect(serve(stock)).rejects.toThrow(hint);
    await expect(serve(stock, { args: ["beside others"], stderr: "text" })).rejects.toThrow(/pass net\.listen/);
    const app = await serve(stock, LISTEN);
    await app.ended;
    const text = await (await app.fetch(new Request("http://app.test/"))).text();
    expect(text).toMatch(/^Service unavailable: the guest has ended: net\.Listen of stock Go reaches nobody/);
  });

  test("is told by its trap", async () => {
    await expect(serve(await watGuest("trap"))).rejects.toMatchObject({ name: "TrapError" });
  });

  test("is told when the module is none", async () => {
    await expect(serve(new Uint8Array(8))).rejects.toMatchObject({ name: "ModuleError" });
  });

  test("is waited for until the signal is aborted", async () => {
    const controller = new AbortController();
    const app = serve(guest, { net: LISTEN.net, port: 9999, signal: controller.signal });
    await sleep(100);
    controller.abort(new Error("no patience"));
    await expect(app).rejects.toThrow("no patience");
  });
});

test("two guests on one network have each their port, and the host program can connect as well", async () => {
  const virtual = virtualNetwork();
  await using first = await serve(guest, { virtual, port: 8001, net: { listen: ["127.0.0.1:8001"] } });
  await using second = await serve(guest, { virtual, port: 8002, net: { listen: ["[::]:8002"] } });
  for (const app of [first, second]) {
    expect(await (await app.fetch(new Request("http://app.test/hello?name=x"))).text()).toBe("hello x");
  }
  const connection = await virtual.connect({ port: 8002 });
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode("GET /hello HTTP/1.0\r\n\r\n"));
  expect(await new Response(connection.readable).text()).toMatch(/^HTTP\/1.0 200 OK\r\n[^]*\r\n\r\nhello $/);
  await writer.close();
  await connection.closed;
});

test("wrong options are refused", async () => {
  await expect(serve(guest, { virtual: virtualNetwork() })).rejects.toThrow("pass options.port");
  await expect(serve(guest, { maxConnections: 0 })).rejects.toThrow("at least 1");
  await expect(serve(guest, { port: 70_000 })).rejects.toThrow("from 0 to 65535");
});
