import { beforeAll, describe, expect, test } from "vitest";
import { type App, serve, type ServeOptions } from "../../src/serve/mod.ts";
import { rawServer } from "../component/raw_server.ts";
import { witComponent } from "../tools/component_guests.ts";

let guest: string;
beforeAll(async () => {
  guest = await witComponent("http_proxy");
}, 120_000);

/** What ended instances. */
let errors: unknown[] = [];

async function withApp<T>(options: ServeOptions, use: (app: App) => Promise<T>): Promise<T> {
  errors = [];
  const app = await serve(guest, { onError: (error) => void errors.push(error), ...options });
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

type Init = RequestInit & { readonly duplex?: "half" };

function ask(app: App, path: string, init?: Init): Promise<Response> {
  return app.fetch(new Request(`http://app.test${path}`, init));
}

/** Ask one app for one response, as text or the error of its body. */
async function answer(path: string, init?: Init, options: ServeOptions = {}): Promise<[number, string]> {
  return await withApp(options, async (app) => {
    const response = await ask(app, path, init);
    const text = await response.text().catch((error: unknown) => `broken off: ${(error as Error).message}`);
    return [response.status, text];
  });
}

describe("requests", () => {
  test("method, target and fields reach the guest, and its fields the caller", async () => {
    await withApp({}, async (app) => {
      const headers = { "X-One": "1", "Host": "public.test:8443", "Connection": "close" };
      const response = await ask(app, "/r?a=%20b", { method: "DELETE", headers });
      expect(response.status).toBe(201);
      expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
      expect(response.headers.get("content-type")).toBe("text/plain");
      expect(await response.text()).toBe("4 /r?a=%20b public.test:8443 http\nx-one: 1\n");
    });
  });

  test("bodies stream both ways at once", async () => {
    await withApp({}, async (app) => {
      let controller!: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
      const response = await ask(app, "/e", { method: "POST", body, duplex: "half" });
      const reader = response.body!.getReader();
      for (let i = 0; i < 3; i++) {
        controller.enqueue(new TextEncoder().encode(`piece ${i}`));
        expect(new TextDecoder().decode((await reader.read()).value)).toBe(`piece ${i}`);
      }
      controller.close();
      expect((await reader.read()).done).toBe(true);
    });
  });

  test("a body is not read faster than the guest writes", async () => {
    await withApp({}, async (app) => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (sent === 8 << 20) return controller.close();
          sent += 1 << 16;
          controller.enqueue(new Uint8Array(1 << 16));
        },
      });
      const response = await ask(app, "/e", { method: "POST", body, duplex: "half" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(sent).toBeLessThan(1 << 20);
      expect((await response.arrayBuffer()).byteLength).toBe(8 << 20);
    });
  });

  test("a body of another length than its content-length is an error of the guest", async () => {
    const of = (length: number): Init => ({
      method: "POST",
      body: "12345",
      headers: { "content-length": String(length) },
    });
    expect(await answer("/n", of(5))).toEqual([200, "5"]);
    // HTTP-request-body-size
    expect(await answer("/n", of(4))).toEqual([200, "error 17\n"]);
    expect(await answer("/n", of(6))).toEqual([200, "error 17\n"]);
  });

  test("fields that would inject others are refused: invalid syntax, forbidden, immutable", async () => {
    expect(await answer("/i")).toEqual([200, "1123"]);
  });

  test("a Host that is none is refused", async () => {
    expect((await answer("/r", { headers: { "Host": "a b" } }))[0]).toBe(400);
  });
});

test("a guest that is a proxy passes requests, bodies and responses on", async () => {
  const server = await rawServer({
    "/up": (socket, head) => {
      expect(head).toContain("transfer-encoding: chunked");
      socket.on("data", (bytes) => {
        if (!bytes.toString().endsWith("0\r\nx-trailer: sent\r\n\r\n")) return;
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-end: 1\r\n\r\n");
      });
    },
    "/down": `HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nlength`,
  });
  const options = { net: { allow: [`connect:${server.authority}`] } };
  const post = { method: "POST", body: "x".repeat(200_000) };
  expect(await answer(`/ph${server.authority}/up`, post, options)).toEqual([200, "200\nok\nx-end: 1\n"]);
  expect(await answer(`/fh${server.authority}/down`, {}, options)).toEqual([200, "200\ncontent-length: 6\nlength\n"]);
  expect(await answer(`/fh${server.authority}/down`)).toEqual([200, "error 15\n"]);
  await server.close();
});

describe("instances", () => {
  test("each request has its own, many at a time", async () => {
    await withApp({}, async (app) => {
      const started = performance.now();
      const texts = await Promise.all(Array.from({ length: 10 }, () => ask(app, "/w800").then((each) => each.text())));
      expect(new Set(texts)).toEqual(new Set(["waited"]));
      expect(performance.now() - started).toBeLessThan(7000);
      for (let i = 0; i < 3; i++) expect(await (await ask(app, "/c")).text()).toBe("1");
    });
  });

  test("one may serve several, and those that wait are served in turn", async () => {
    await withApp({ requestsPerInstance: 3, maxConnections: 1 }, async (app) => {
      const texts = await Promise.all(Array.from({ length: 5 }, () => ask(app, "/c").then((each) => each.text())));
      expect(texts).toEqual(["1", "2", "3", "1", "2"]);
    });
  });

  test("a closed app ends its requests and refuses others", async () => {
    const app = await serve(guest);
    const waiting = ask(app, "/w60000");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await app.close();
    expect((await waiting).status).toBe(503);
    expect((await ask(app, "/c")).status).toBe(503);
    await expect(app.ended).rejects.toThrow("closed");
  });
});

describe("responses that go wrong", () => {
  test.each([
    ["a trap before the head", "/t", 500, "Internal server error: the guest has failed\n"],
    ["no response", "/v", 500, "Internal server error: internal-error\n"],
    ["an outparam that is dropped", "/d", 500, "Internal server error: internal-error\n"],
    ["an error in place of a response", "/x", 500, "Internal server error: HTTP-request-denied\n"],
    ["a status that is none", "/s199", 500, expect.stringContaining("Internal server error: ")],
    ["more bytes than the content-length", "/l5", 500, "Internal server error: HTTP-response-body-size\n"],
    ["fewer bytes than the content-length", "/l2", 500, "Internal server error: HTTP-response-body-size\n"],
    ["a trap in the body", "/t1", 200, expect.stringContaining("broken off")],
    ["a body that is dropped", "/u", 500, "Internal server error: internal-error\n"],
    ["a body that is dropped before its stream", "/o", 500, "Internal server error: the guest has failed\n"],
    ["a body that is kept", "/k", 200, expect.stringContaining("broken off")],
  ])("%s", async (_, path, status, text) => {
    expect(await answer(path)).toEqual([status, text]);
  });

  test("what ended the instance is told", async () => {
    await answer("/t");
    expect(String(errors[0])).toMatch(/TrapError.*unreachable/i);
    expect(errors).toHaveLength(1);
  });

  test("a response without a body has none, whatever the guest writes", async () => {
    expect(await answer("/s204")).toEqual([204, ""]);
    expect(await answer("/s200", { method: "HEAD" })).toEqual([200, ""]);
    expect(await answer("/s200")).toEqual([200, "body"]);
  });
});

describe("clients that go away", () => {
  test("before the response: the request rejects, and the instance is ended", async () => {
    await withApp({ maxConnections: 1 }, async (app) => {
      const abort = new AbortController();
      const waiting = ask(app, "/w60000", { signal: abort.signal });
      await new Promise((resolve) => setTimeout(resolve, 20));
      abort.abort(new Error("gone"));
      await expect(waiting).rejects.toThrow("gone");
      expect(await (await ask(app, "/c")).text()).toBe("1");
      expect(errors).toEqual([]);
    });
  });

  test("within the response: the instance is ended", async () => {
    await withApp({ maxConnections: 1 }, async (app) => {
      const response = await ask(app, "/b100000000");
      await response.body!.cancel();
      expect(await (await ask(app, "/c")).text()).toBe("1");
      expect(errors).toEqual([]);
    });
  });
});

describe("limits", () => {
  test("on the time: 504, or a response that is broken off", async () => {
    expect(await answer("/w60000", {}, { timeoutMs: 50 })).toEqual([504, "no response within 50 ms\n"]);
    expect(await answer("/w1", {}, { timeoutMs: 5000 })).toEqual([200, "waited"]);
    await withApp({ timeoutMs: 100 }, async (app) => {
      const response = await ask(app, "/b100000000");
      await new Promise((resolve) => setTimeout(resolve, 150));
      await expect(response.text()).rejects.toThrow();
    });
  });

  test("on the body: 413", async () => {
    const options = { maxBodyBytes: 4 };
    expect(await answer("/n", { method: "POST", body: "1234" }, options)).toEqual([200, "4"]);
    expect(await answer("/n", { method: "POST", body: "12345" }, options)).toEqual([413, "the body exceeds 4 bytes\n"]);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new Uint8Array(5));
        controller.close();
      },
    });
    expect((await answer("/n", { method: "POST", body, duplex: "half" }, options))[0]).toBe(413);
  });
});
