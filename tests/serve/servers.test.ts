import http from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type App, serve } from "../../src/serve/mod.ts";
import { goGuest } from "../tools/guests.ts";
import { type RuntimeServer, startServer } from "./runtime_server.ts";

let app: App;
let server: RuntimeServer;
beforeAll(async () => {
  app = await serve(await goGuest("httpserver"), { net: { listen: ["127.0.0.1:80"] } });
  server = await startServer(app.fetch);
}, 120_000);
afterAll(async () => {
  await server.close();
  await app.close();
});

/** Ask with node:http, which tells more than `fetch`. */
function ask(path: string, options: http.RequestOptions = {}, body = ""): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request(server.url + path, { agent: false, ...options }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}

async function textOf(message: http.IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of message) text += String(piece);
  return text;
}

test("the runtime's server hands requests to the guest, and its responses back", async () => {
  const response = await fetch(`${server.url}/hello?name=Ada`);
  expect([response.status, await response.text()]).toEqual([200, "hello Ada"]);
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await (await fetch(`${server.url}/nothing`)).text()).toBe("404 page not found\n");
});

test("Host, fields and target reach the guest", async () => {
  const headers = { "X-One": "1", "Host": "public.test:8443", "Connection": "close, x-two", "X-Two": "2" };
  const message = await ask("/headers?names=x-one,x-two,connection", { headers });
  expect((await textOf(message)).split("\n")).toEqual([
    "GET public.test:8443 /headers?names=x-one,x-two,connection",
    'x-one: ["1"]',
    "x-two: []",
    "connection: []",
    "",
  ]);
});

test("HEAD has the length and no body", async () => {
  const message = await ask("/bytes?count=1000", { method: "HEAD" });
  expect([message.headers["content-length"], await textOf(message)]).toEqual(["1000", ""]);
});

test("Expect: 100-continue is answered by the server", async () => {
  const headers = { "Expect": "100-continue", "Content-Length": "5" };
  expect(await textOf(await ask("/echo", { method: "POST", headers }, "hello"))).toBe("hello");
});

test("megabytes go both ways", async () => {
  const body = new Uint8Array(5_000_000).map((_, i) => i % 253);
  const response = await fetch(`${server.url}/echo`, { method: "POST", body });
  expect(Buffer.compare(new Uint8Array(await response.arrayBuffer()), body)).toBe(0);
});

test("a response streams as it is made", async () => {
  const pieces: string[] = [];
  const response = await fetch(`${server.url}/ticks`);
  for await (const piece of response.body!) pieces.push(new TextDecoder().decode(piece));
  expect(pieces).toEqual(["tick 0\n", "tick 1\n", "tick 2\n"]);
});

test("many clients at once", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
  const answers = await Promise.all(names.map(async (name) => {
    return await (await fetch(`${server.url}/hello?name=${name}`)).text();
  }));
  expect(answers).toEqual(names.map((name) => `hello ${name}`));
});

test("the guest learns that a client is gone", async () => {
  const controller = new AbortController();
  const response = await fetch(`${server.url}/wait?name=gone`, { signal: controller.signal });
  expect(await (await fetch(`${server.url}/begun`)).text()).toBe("gone");
  controller.abort();
  await expect(response.text()).rejects.toThrow();
  expect(await (await fetch(`${server.url}/ended`)).text()).toBe("gone");
});

test("the guest learns that a client is gone before it has answered anything", async () => {
  const controller = new AbortController();
  const answer = fetch(`${server.url}/wait?name=early&silent=1`, { signal: controller.signal });
  expect(await (await fetch(`${server.url}/begun`)).text()).toBe("early");
  controller.abort();
  await expect(answer).rejects.toThrow();
  expect(await (await fetch(`${server.url}/ended`)).text()).toBe("early");
});
