/** Requests of a component over the network. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileComponent, type CompiledComponent, run, type RunOptions } from "wasirun";
import { witComponent } from "../tools/component_guests.ts";
import { wasirun } from "../tools/wasirun.ts";
import { type RawServer, rawServer } from "./raw_server.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let guest: CompiledComponent;
let server: RawServer;
beforeAll(async () => {
  guest = await compileComponent(await witComponent("http_proxy"));
  server = await rawServer({
    "/length": `${HEAD}X-One: 1\r\nContent-Length: 4\r\n\r\nbody`,
    "/chunked": `${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\nX-Trailer: t\r\n\r\n`,
    "/close": (socket) => void socket.end(`${HEAD}\r\nuntil the end`),
    "/old": (socket) => void socket.end("HTTP/1.0 200 OK\r\n\r\nold"),
    "/interim": `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${HEAD}content-length: 2\r\n\r\nok`,
    "/empty": "HTTP/1.1 204 No Content\r\n\r\n",
    "/head": `${HEAD}content-length: 4\r\n\r\n`,
    "/short": (socket) => void socket.end(`${HEAD}content-length: 5\r\n\r\nbod`),
    "/malformed": "HTP/1.1 200 OK\r\n\r\n",
    "/injected": `${HEAD}x-a: b\nx-c: d\r\n\r\n`,
    "/large": `${HEAD}x-large: ${"x".repeat(70_000)}\r\n\r\n`,
    "/trailers": `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\nx-large: ${"x".repeat(70_000)}\r\n\r\n`,
    "/gzip": `${HEAD}transfer-encoding: gzip\r\n\r\n`,
    "/both": `${HEAD}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
    "/upgrade": "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "/closed": (socket) => void socket.end(),
    "/never": () => {},
    "/stalls": `${HEAD}content-length: 5\r\n\r\nbod`,
    "/once": (socket) =>
      void socket.write(`${HEAD}content-length: 1\r\n\r\n1`, () => setTimeout(() => socket.end(), 30)),
  });
}, 120_000);
afterAll(() => server.close());

/** Options of a guest that may connect to the server, and sends what the arguments say. */
function client(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const allow = [`connect:${server.authority}`, "connect:127.0.0.1:1"];
  return run(guest, { args, net: { allow }, stdout: "text", ...options }).then(({ stdout }) => stdout as string);
}

/** What the guest prints of a response. */
async function get(path: string, method = "f"): Promise<string> {
  return (await client([`${method}h${server.authority}${path}`])).trimEnd();
}

describe("a response", () => {
  test.each([
    ["/length", "200\nx-one: 1\ncontent-length: 4\nbody"],
    ["/chunked", "200\nbody\nx-trailer: t"],
    ["/close", "200\nuntil the end"],
    ["/old", "200\nold"],
    ["/interim", "200\ncontent-length: 2\nok"],
    ["/empty", "204"],
    ["/missing", "404\ncontent-length: 0"],
  ])("of %s", async (path, text) => {
    expect(await get(path)).toBe(text);
  });

  test("to HEAD has a length and no body", async () => {
    expect(await get("/head", "h")).toBe("200\ncontent-length: 4");
  });
});

describe("an error", () => {
  test.each([
    ["HTTP-response-incomplete", "/short", "200\ncontent-length: 5\nboderror 25\n\nerror 25"],
    ["HTTP-response-incomplete", "/closed", "error 25"],
    ["HTTP-protocol-error", "/malformed", "error 35"],
    ["HTTP-protocol-error", "/injected", "error 35"],
    ["HTTP-protocol-error", "/both", "error 35"],
    ["HTTP-response-header-section-size", "/large", "error 26"],
    ["HTTP-response-trailer-section-size", "/trailers", "200\nerror 29\n\nerror 29"],
    ["HTTP-response-transfer-coding", "/gzip", "error 31"],
    ["HTTP-upgrade-failed", "/upgrade", "error 34"],
  ])("%s: %s", async (_, path, text) => {
    expect(await get(path)).toBe(text);
  });

  test("connection-read-timeout before the head and within the body", async () => {
    expect(await get("/never", "q")).toBe("error 9");
    expect(await get("/stalls", "q")).toBe("200\ncontent-length: 5\nboderror 9\n\nerror 9");
  });

  test("connection-refused, destination-IP-prohibited, HTTP-request-denied, DNS-error", async () => {
    const lines = await client(["fh127.0.0.1:1/", "fh127.0.0.2:80/", "fhexample.test/"]);
    expect(lines).toBe("error 6\nerror 4\nerror 15\n");
    expect(await client(["fhnothing.invalid/"], { net: { allow: ["connect:nothing.invalid:80"] } })).toMatch(
      /^error 1\n$/,
    );
    expect(await client(["fh127.0.0.1:1/"], { net: {} })).toMatch(/^error (4|15)\n$/);
  });

  test("HTTP-request-URI-invalid: no authority, no path", async () => {
    expect(await client(["fha b/"])).toBe("no authority\nerror 19\n");
    expect(await client([`fh${server.authority}/a b`])).toMatch(/^no path\n404/);
  });
});

describe("a connection", () => {
  test("is used again, and the request is as it should be", async () => {
    const before = server.heads.length;
    await client([`fh${server.authority}/length`, `ph${server.authority}/chunked`, `hh${server.authority}/head`]);
    const heads = server.heads.slice(before).map((head) => head.split(" ").slice(1).join(" "));
    expect(heads).toEqual([
      `GET /length HTTP/1.1\r\nhost: ${server.authority}\r\nx-sent: yes`,
      `POST /chunked HTTP/1.1\r\nhost: ${server.authority}\r\nx-sent: yes\r\ncontent-length: 0`,
      `HEAD /head HTTP/1.1\r\nhost: ${server.authority}\r\nx-sent: yes`,
    ]);
    expect(new Set(server.heads.slice(before).map((head) => head.split(" ")[0])).size).toBe(1);
  });

  test("that the server closes while it is idle is replaced", async () => {
    const args = Array.from({ length: 3 }, () => `fh${server.authority}/once`);
    expect(await client(args)).toMatch(/^(200\ncontent-length: 1\n1\n){3}$/);
  });

  test("is closed when the guest drops its future", async () => {
    const gone = server.gone("/");
    const ending = client([`d${server.authority}`]);
    await Promise.race([gone, sleep(5000).then(() => Promise.reject(new Error("it is still open")))]);
    expect(await ending).toBe("dropped\n");
  });
});

test("a function of the caller answers in place of the network", async () => {
  const seen: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    seen.push(`${request.method} ${request.url} ${request.headers.get("x-sent")} ${await request.text()}`);
    if (request.url.endsWith("/fail")) throw Object.assign(new Error("no"), { payload: { tag: "DNS-timeout" } });
    return new Response("made up", { status: 203, headers: { "x-made": "up" } });
  };
  const output = await client(["fsexample.com/a?b", "phexample.com:8080/", "fsexample.com/fail"], {
    fetch: fetch as never,
    net: {},
  });
  expect(output).toContain("203\n");
  expect(output).toContain("x-made: up\n");
  expect(output.match(/made up/g)).toHaveLength(2);
  expect(output.endsWith("error 0\n")).toBe(true);
  expect(seen).toEqual([
    "GET https://example.com/a?b yes ",
    "POST http://example.com:8080/ yes ",
    "GET https://example.com/fail yes ",
  ]);
});

test("the command makes requests, whether it blocks or suspends its guest", async () => {
  for (const platform of [[], ["--platform=runtime"]]) {
    const options = [...platform, `--allow-net=connect:${server.authority}`];
    const { stdout, stderr } = await wasirun([
      ...options,
      await witComponent("http_proxy"),
      `fh${server.authority}/chunked`,
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: "200\nbody\nx-trailer: t\n", stderr: "" });
  }
});
