/** Much data on streams: order, bounds, back-pressure. */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import type { DriverCases } from "./driver_suite.ts";
import { type ConnectionEnd, encode, joined, pass } from "./waiting_ends.ts";

const MIB = 1024 * 1024;
/** Far more than what two kernels and a driver hold for a reader that does not read. */
const TOO_MUCH = 64 * MIB;

/** Bytes that tell where in the stream they are. */
function pattern(start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternAt(start + i);
  return bytes;
}

function patternAt(at: number): number {
  return (at ^ at >> 8 ^ at >> 16) & 0xff;
}

/** Checks the bytes that an end receives in place of keeping them. */
function checkPattern(end: ConnectionEnd): { readonly wrongAt: () => number | undefined } {
  let at = 0;
  let wrong: number | undefined;
  end.onBytes = (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== patternAt(at + i)) wrong ??= at + i;
    }
    at += bytes.length;
  };
  return { wrongAt: () => wrong };
}

/** Send until there is no room. @returns How much was taken. */
function fill(end: ConnectionEnd): number {
  const chunk = new Uint8Array(32 * 1024);
  let sent = 0;
  while (sent < TOO_MUCH) {
    chunk.set(pattern(sent, chunk.length));
    const taken = end.handle.write(chunk, 0, chunk.length);
    // What was written must not change any more, whatever the caller does with its memory.
    chunk.fill(0xee);
    if (taken < 0) throw new Error(`write answered ${taken}`);
    sent += taken;
    if (taken < chunk.length) return sent;
  }
  return sent;
}

/** Send until there is no room for a while. */
async function fillForLong(end: ConnectionEnd): Promise<number> {
  let sent = fill(end);
  // A driver may learn only later that the system took it.
  await pass();
  for (let writables = 0; writables < end.writables && sent < TOO_MUCH;) {
    writables = end.writables;
    const chunk = pattern(sent, 32 * 1024);
    const taken = end.handle.write(chunk, 0, chunk.length);
    if (taken > 0) sent += taken;
    await pass();
  }
  return sent;
}

/** Cases of every family. */
export const FLOW_CASES: DriverCases = {
  async "carry many chunks of many sizes both ways at once"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const total = 4 * MIB;
    const checks = [checkPattern(client), checkPattern(server)];
    async function send(end: ConnectionEnd): Promise<void> {
      for (let at = 0, size = 1; at < total; size = size * 3 % 70_001 + 1) {
        const length = Math.min(size, total - at);
        await end.sendAll(pattern(at, length));
        at += length;
      }
      end.handle.shutdown();
    }
    await Promise.all([send(client), send(server), client.ending(), server.ending()]);
    expect([client.size, server.size]).toEqual([total, total]);
    expect(checks.map(({ wrongAt }) => wrongAt())).toEqual([undefined, undefined]);
  },

  async "stop taking bytes for a peer that does not read, and lose none of them"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const check = checkPattern(server);
    server.handle.pause();
    await pass();
    const filled = await fillForLong(client);
    expect(filled).toBeLessThan(TOO_MUCH);
    const before = client.writables;
    await pass();
    expect(client.writables).toBe(before);
    // A kernel may find room for a little more in what it has.
    const more = client.handle.write(pattern(filled, MIB), 0, MIB);
    expect(more).toBeGreaterThanOrEqual(0);
    expect(more).toBeLessThan(MIB);
    const sent = filled + more;
    // What was on its way when it was paused may have been told; no more than that.
    expect(server.size).toBeLessThan(MIB);
    server.handle.resume();
    await server.receiving(sent);
    await client.until(() => client.writables > before, "room");
    client.handle.shutdown();
    await server.ending();
    expect([server.size, check.wrongAt()]).toEqual([sent, undefined]);
  },

  async "report room after a flush once everything is sent"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    server.handle.pause();
    await pass();
    const sent = await fillForLong(client);
    const before = client.writables;
    const flushed = client.handle.flush?.() ?? 0;
    await pass();
    expect(client.writables).toBe(before);
    server.handle.resume();
    await server.receiving(sent);
    // A driver that hands everything to the system has nothing to flush.
    if (flushed === 0) return;
    expect(flushed).toBe(-Errno.INPROGRESS);
    await client.until(() => client.writables > before, "room");
    expect(client.handle.flush?.()).toBe(0);
  },

  async "lose nothing to a reader that pauses again and again"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const check = checkPattern(client);
    const inner = client.onBytes!;
    client.onBytes = (bytes) => {
      inner(bytes);
      client.handle.pause();
      setTimeout(() => client.handle.resume(), 1);
    };
    const total = 2 * MIB;
    await server.sendAll(pattern(0, total));
    server.handle.shutdown();
    await client.ending();
    expect([client.size, check.wrongAt()]).toEqual([total, undefined]);
  },

  async "go on when they are resumed within the event that paused them"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    client.onBytes = () => {
      client.handle.pause();
      client.handle.resume();
    };
    await server.sendAll(pattern(0, MIB));
    server.handle.shutdown();
    await client.ending();
    expect(client.size).toBe(MIB);
  },

  async "keep the end and what came before it for a reader that is paused"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    server.handle.pause();
    await pass();
    client.send("before the end");
    client.handle.shutdown();
    await pass();
    server.handle.resume();
    await server.ending();
    expect(server.text).toBe("before the end");
  },

  async "send all that was taken when they are closed"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const check = checkPattern(server);
    server.handle.pause();
    await pass();
    const sent = fill(client);
    client.close();
    await pass();
    server.handle.resume();
    await server.ending();
    expect([server.size, check.wrongAt()]).toEqual([sent, undefined]);
  },

  async "send all that was taken before the end"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const check = checkPattern(server);
    server.handle.pause();
    await pass();
    const sent = fill(client);
    client.handle.shutdown();
    server.handle.resume();
    await server.ending();
    expect([server.size, check.wrongAt()]).toEqual([sent, undefined]);
  },

  async "take a part of a memory, not all of it"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    const memory = encode("....middle....");
    expect(client.handle.write(memory, 4, 6)).toBe(6);
    memory.fill(0);
    expect(client.handle.write(memory, 14, 0)).toBe(0);
    client.send("!");
    await server.receiving(7);
    expect(server.text).toBe("middle!");
  },

  async "fail for a writer whose peer is gone"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    server.close();
    await client.until(() => client.hasEnded || client.errno !== undefined, "the end");
    const bytes = new Uint8Array(1000);
    let result = 0;
    for (let i = 0; i < 500 && result >= 0 && client.errno === undefined; i++) {
      result = client.handle.write(bytes, 0, bytes.length);
      await pass(2);
    }
    const errno = result < 0 ? -result : client.errno;
    expect([Errno.PIPE, Errno.CONNRESET]).toContain(errno);
  },

  async "hand out bytes that stay as they are"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    for (let i = 0; i < 20; i++) {
      client.send(`message ${i};`);
      await server.until(() => server.text.endsWith(`message ${i};`), `message ${i}`);
    }
    expect(new TextDecoder().decode(joined(server.chunks))).toBe(
      Array.from({ length: 20 }, (_, i) => `message ${i};`).join(""),
    );
  },
};
