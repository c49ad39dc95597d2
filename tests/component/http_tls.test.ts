/** Requests of a component by TLS. */

import net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileComponent, type CompiledComponent, type Platform, run } from "wasirun";
import { witComponent } from "../tools/component_guests.ts";
import { wasirun } from "../tools/wasirun.ts";
import { detectPlatform } from "../../src/platform/detect.ts";

/** Of this test only: for localhost and 127.0.0.1, signed by itself. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIURCl0AzsRwghC8F/WweCOAAMLVMswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTA0NTg0NFoYDzIxMjYxMTA3
MDQ1ODQ0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR16WWWMqeo8G96CM67Uv+GdAmeXFUQS1ygf6OKyTIzph+3DSMNJ4MH
jKbKXvPpVW3PAcWS+C3Tkr99dF1ynd8ko28wbTAdBgNVHQ4EFgQUEPEk7zHVYmjZ
+LeRgB4CEsixrKEwHwYDVR0jBBgwFoAUEPEk7zHVYmjZ+LeRgB4CEsixrKEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgS8oL80x9XxBz2SBYCznpea6eZgNF+E/nAs+YWHot2MACIQCk
qZlHgWRReP53rsX3mQOAklv0M7ycdTr7yS3CTSpPCg==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/yLUPMIXVJc3P7+h
3HLn0IEITdBpMPa96juhO7OMvX6hRANCAAR16WWWMqeo8G96CM67Uv+GdAmeXFUQ
S1ygf6OKyTIzph+3DSMNJ4MHjKbKXvPpVW3PAcWS+C3Tkr99dF1ynd8k
-----END PRIVATE KEY-----
`;

let guest: CompiledComponent;
let server: tls.Server;
let plain: net.Server;
let trusting: Platform;
const connections = new Set<net.Socket>();
beforeAll(async () => {
  guest = await compileComponent(await witComponent("http_proxy"));
  const base = detectPlatform()();
  trusting = {
    ...base,
    tls: async () => {
      const open = await base.tls!();
      return (options, events) => open({ ...options, ca: [CERTIFICATE] }, events);
    },
  };
  server = tls.createServer({ key: KEY, cert: CERTIFICATE }, answer);
  server.on("tlsClientError", () => {});
  plain = net.createServer((socket) => {
    socket.on("error", () => {}).on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  for (const each of [server, plain]) {
    each.on("connection", (socket: net.Socket) => void connections.add(socket));
    await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
  }
}, 120_000);
afterAll(() => {
  for (const socket of connections) socket.destroy();
  server.close();
  plain.close();
});

/** Echo the body of a request, or a large one. */
function answer(socket: tls.TLSSocket): void {
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    if (!text.endsWith("\r\n\r\n")) return;
    const body = text.startsWith("GET /large") ? "x".repeat(1_000_000) : text.split("\r\n")[0]!;
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    text = "";
  });
}

async function output(platform: Platform, args: readonly string[]): Promise<string> {
  const { stdout } = await run(guest, { args, platform, net: { allow: true }, stdout: "text" });
  return stdout;
}

function port(of: net.Server): number {
  return (of.address() as net.AddressInfo).port;
}

test("requests by TLS have responses, one after the other on one connection", async () => {
  const before = connections.size;
  const at = `127.0.0.1:${port(server)}`;
  const text = await output(trusting, [`fs${at}/one`, `hs${at}/two`, `fs${at}/large`]);
  expect(text.slice(0, 80)).toMatch(/^200\ncontent-length: 17\nGET \/one HTTP\/1\.1\n200\ncontent-length: 18\n/);
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(connections.size - before).toBe(1);
  expect(await output(trusting, [`fslocalhost:${port(server)}/name`])).toContain("GET /name HTTP/1.1");
});

test("TLS-certificate-error: nobody trusted has signed it", async () => {
  expect(await output(detectPlatform()(), [`fs127.0.0.1:${port(server)}/`])).toBe("error 13\n");
});

test("TLS-certificate-error in the command, which suspends its guest for TLS", async () => {
  const args = ["--allow-net", await witComponent("http_proxy"), `fs127.0.0.1:${port(server)}/`];
  expect(await wasirun(args)).toMatchObject({ stdout: "error 13\n", stderr: "" });
});

test("TLS-protocol-error: a server without TLS", async () => {
  expect(await output(trusting, [`fs127.0.0.1:${port(plain)}/`])).toMatch(/^error (12|14)\n$/);
});

test("the policy holds: a refused address gets no connection", async () => {
  const before = connections.size;
  const options = { platform: trusting, net: { allow: ["connect:127.0.0.2"] }, stdout: "text" } as const;
  const { stdout } = await run(guest, { args: [`fs127.0.0.1:${port(server)}/`], ...options });
  expect([stdout, connections.size - before]).toEqual(["error 4\n", 0]);
});
