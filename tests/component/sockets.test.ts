/** Components with a network: by the command, and by `run`. */

import net from "node:net";
import { describe, expect, test } from "vitest";
import { run } from "wasirun";
import { virtualNetwork } from "wasirun/memory";
import { canSuspend } from "../../src/runtime/jspi.ts";
import type { Refusal } from "../../src/runtime/options/options.ts";
import { witComponent } from "../tools/component_guests.ts";
import { startWasirun, wasirun } from "../tools/wasirun.ts";

const MIB = 1024 * 1024;

function pattern(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => i * 31 + (i >> 8) * 7);
}

/** Send all, end, and read the echo to its end. */
function echoed(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(bytes));
    socket.setTimeout(60_000, () => socket.destroy(new Error("no answer in time")));
    socket.on("data", (piece) => pieces.push(piece as Buffer)).on("end", () => resolve(Buffer.concat(pieces)));
    socket.on("error", reject);
  });
}

async function expectEchoes(port: number): Promise<void> {
  const bytes = pattern(16 * MIB);
  for (let i = 0; i < 2; i++) expect(Buffer.compare(await echoed(port, bytes), bytes)).toBe(0);
}

describe("a server in C", () => {
  test("echoes 16 MiB through a half-close, by the command", async () => {
    const running = startWasirun(["--allow-net=127.0.0.1", await witComponent("tcp_echo")], { timeoutMs: 120_000 });
    await running.printed("\n");
    await expectEchoes(Number(running.output()));
    expect(await running.ended).toMatchObject({ status: 0, stderr: "" });
  }, 120_000);

  test.runIf(canSuspend())("echoes 16 MiB through a half-close, by run", async () => {
    let tellPort: (port: number) => void;
    const port = new Promise<number>((resolve) => tellPort = resolve);
    const stdout = new WritableStream<Uint8Array>({
      write: (line) => tellPort(Number(new TextDecoder().decode(line))),
    });
    const ended = run(await witComponent("tcp_echo"), { net: { allow: ["127.0.0.1"] }, stdout });
    await expectEchoes(await port);
    expect(await ended).toEqual({ exitCode: 0 });
  }, 120_000);

  test.runIf(canSuspend())("is reached in a network in memory", async () => {
    const virtual = virtualNetwork();
    let tellPort: (port: number) => void;
    const port = new Promise<number>((resolve) => tellPort = resolve);
    const stdout = new WritableStream<Uint8Array>({
      write: (line) => tellPort(Number(new TextDecoder().decode(line))),
    });
    const ended = run(await witComponent("tcp_echo"), { net: { allow: true, network: virtual }, stdout });
    const at = { host: "127.0.0.1", port: await port };
    for (let i = 0; i < 2; i++) {
      const connection = await virtual.connect(at);
      const writer = connection.writable.getWriter();
      await writer.write(new TextEncoder().encode("hello"));
      await writer.close();
      expect(await new Response(connection.readable).text()).toBe("hello");
    }
    expect(await ended).toEqual({ exitCode: 0 });
  });
});

describe("a component without a network", () => {
  test("gets no socket, and the command says what would allow it", async () => {
    const { status, stderr } = await wasirun([await witComponent("tcp_echo")]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("refused a socket; --allow-net would allow it");
  });

  test("gets no address that the rules do not have", async () => {
    const { status, stderr } = await wasirun(["--allow-net=127.0.0.2", await witComponent("tcp_echo")]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("127.0.0.1");
  });

  test.runIf(canSuspend())("has its refusals reported by run", async () => {
    const refusals: Refusal[] = [];
    const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
    const ended = run(await witComponent("tcp_echo"), { net: { allow: ["127.0.0.2"], onRefused }, stdout: "text" });
    await expect(ended).rejects.toThrow("trapped");
    expect(refusals).toEqual([{ action: "listen", target: "127.0.0.1:0", rule: "listen:127.0.0.1:0" }]);
  });
});
