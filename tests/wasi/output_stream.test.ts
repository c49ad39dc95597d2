/** `output-stream` of `wasi:io/streams`. */

import { beforeEach, describe, expect, test } from "vitest";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { CLOSED } from "../../src/wasi/p2/io/input_stream.ts";
import { guestIo } from "../../src/wasi/p2/io/guest_io.ts";
import { Errno } from "../../src/witx/errno.ts";
import { ScriptedSink, ScriptedSource } from "./scripted_ends.ts";
import { StreamGuest } from "./stream_guest.ts";

const PERMIT = 65_536;

describe.each(["block", "suspend"] as const)("an output stream, mode %s", (mode) => {
  let guest: StreamGuest;

  beforeEach(() => {
    guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode });
  });

  const permitOf = (self: number): unknown => guest.count("output-stream.check-write", self);

  test("writes at once what fits", async () => {
    const sink = new ScriptedSink();
    const self = guest.output(sink);
    expect(await permitOf(self)).toBe(PERMIT);
    expect(await guest.write("write", self, "hello")).toBe("ok");
    expect(sink.text).toBe("hello");
    expect(await guest.write("blocking-write-and-flush", self, " world")).toBe("ok");
    expect(await guest.done("blocking-flush", self)).toBe("ok");
    expect(sink.text).toBe("hello world");
  });

  test("takes all bytes within the permit, and no more until they are written", async () => {
    const sink = new ScriptedSink(3);
    const self = guest.output(sink);
    expect(await permitOf(self)).toBe(PERMIT);
    expect(await guest.write("write", self, "0123456789")).toBe("ok");
    expect(await guest.write("write", self, "abc")).toBe("ok");
    expect(sink.text).toBe("012");
    expect(await permitOf(self)).toBe(0);
    sink.allow(9);
    expect(await permitOf(self)).toBe(0);
    expect(sink.text).toBe("0123456789ab");
    sink.allow(2);
    expect(await permitOf(self)).toBe(PERMIT);
    expect(sink.text).toBe("0123456789abc");
  });

  test("traps for more than the permit", async () => {
    const self = guest.output(new ScriptedSink(0));
    expect(await permitOf(self)).toBe(PERMIT);
    expect(await guest.write("write", self, "x")).toBe("ok");
    expect(await guest.write("write", self, new Uint8Array(PERMIT - 1))).toBe("ok");
    expect(() => guest.write("write", self, "x")).toThrow("exceeds what check-write has permitted");
    expect(await permitOf(self)).toBe(0);
    expect(() => guest.write("write", self, "x")).toThrow("exceeds what check-write has permitted");
    expect(() => guest.done("write-zeroes", self, -1n)).toThrow("write of 18446744073709552000 bytes");
    const other = guest.output(new ScriptedSink());
    expect(() => guest.write("write", other, new Uint8Array(PERMIT + 1))).toThrow("exceeds");
  });

  test("traps for blocking writes of more than 4096 bytes", async () => {
    const self = guest.output(new ScriptedSink());
    expect(await guest.write("blocking-write-and-flush", self, new Uint8Array(4096))).toBe("ok");
    expect(() => guest.write("blocking-write-and-flush", self, new Uint8Array(4097))).toThrow("at most 4096");
    expect(await guest.done("blocking-write-zeroes-and-flush", self, 4096n)).toBe("ok");
    expect(() => guest.done("blocking-write-zeroes-and-flush", self, 4097n)).toThrow("at most 4096");
    expect(() => guest.done("blocking-write-zeroes-and-flush", self, -1n)).toThrow("at most 4096");
  });

  test("writes zeros", async () => {
    const sink = new ScriptedSink();
    const self = guest.output(sink);
    await guest.write("write", self, "a");
    expect(await guest.done("write-zeroes", self, 3n)).toBe("ok");
    expect(await guest.done("blocking-write-zeroes-and-flush", self, 2n)).toBe("ok");
    expect([...sink.bytes]).toEqual([97, 0, 0, 0, 0, 0]);
  });

  test("reports a failure once, and is closed then", async () => {
    const sink = new ScriptedSink(1);
    const self = guest.output(sink);
    expect(await guest.write("write", self, "abc")).toBe("ok");
    const pollable = guest.subscribe("output", self);
    expect(await guest.ready(pollable)).toBe(false);
    sink.fail(Errno.NOSPC);
    expect(await guest.ready(pollable)).toBe(true);
    expect(await permitOf(self)).toBe("failed with NOSPC");
    expect(await permitOf(self)).toBe("closed");
    expect(await guest.write("write", self, new Uint8Array(100_000))).toBe("closed");
    expect(await guest.done("write-zeroes", self, 100_000n)).toBe("closed");
    expect(await guest.done("flush", self)).toBe("closed");
    expect(await guest.write("blocking-write-and-flush", self, "x")).toBe("closed");
    expect(await guest.poll([pollable])).toEqual([0]);
  });

  test("is not ready before a write was taken, whatever the platform guesses", async () => {
    const sink = new ScriptedSink(0);
    const self = guest.output(sink);
    const pollable = guest.subscribe("output", self);
    expect(await guest.write("write", self, "abc")).toBe("ok");
    sink.pollable.isReady = true;
    expect(await guest.ready(pollable)).toBe(false);
    expect(await guest.poll([pollable, guest.subscribe("output", guest.output(new ScriptedSink()))])).toEqual([1]);
    sink.allow(3);
    expect(await guest.poll([pollable])).toEqual([0]);
    expect(await permitOf(self)).toBe(PERMIT);
  });

  test("is closed when the reader is gone", async () => {
    const sink = new ScriptedSink();
    const self = guest.output(sink);
    sink.fail(Errno.PIPE);
    expect(await guest.write("write", self, "x")).toBe("closed");
  });

  test("permits nothing while a flush is in progress", async () => {
    const sink = new ScriptedSink();
    const self = guest.output(sink);
    const pollable = guest.subscribe("output", self);
    await guest.write("write", self, "x");
    sink.hold();
    expect(await guest.done("flush", self)).toBe("ok");
    expect(await permitOf(self)).toBe(0);
    expect(await guest.ready(pollable)).toBe(false);
    sink.release();
    expect(await guest.ready(pollable)).toBe(true);
    expect(await permitOf(self)).toBe(PERMIT);
  });

  test("keeps the order of queue, flush and close when it is dropped", async () => {
    const sink = new ScriptedSink(1);
    const self = guest.output(sink);
    await guest.write("write", self, "abc");
    const pollable = guest.subscribe("output", self);
    guest.dropStream("output", self);
    expect(await guest.ready(pollable)).toBe(true);
    expect(sink.log).toEqual(["write 1"]);
    sink.allow(5);
    expect(guest.interfaces.flushed()).toBeUndefined();
    expect(sink.log).toEqual(["write 1", "write 2", "close"]);
    const empty = new ScriptedSink();
    guest.dropStream("output", guest.output(empty));
    expect(empty.log).toEqual(["close"]);
  });

  test("ends: it is closed at once, and something is done after what was written", () => {
    const sink = new ScriptedSink(1);
    const io = guest.interfaces.host.shared(guestIo);
    const log: string[] = [];
    io.openOutput(new ScriptedSink(), "sockets").end(() => log.push("nothing queued"));
    const stream = io.openOutput(sink, "sockets");
    stream.write(new TextEncoder().encode("ab"), 0, 2);
    stream.end(() => log.push("all written"));
    expect([stream.checkWrite(), stream.awaited()]).toEqual([CLOSED, undefined]);
    expect(log).toEqual(["nothing queued"]);
    sink.allow(1);
    expect(guest.interfaces.flushed()).toBeUndefined();
    expect([sink.text, log]).toEqual(["ab", ["nothing queued", "all written"]]);
  });

  test("splices", async () => {
    const source = new ScriptedSource().push("0123456789").end();
    const sink = new ScriptedSink(8);
    const [input, self] = [guest.input(source), guest.output(sink)];
    expect(await guest.count("output-stream.splice", self, input, 4n)).toBe(4);
    expect(await guest.count("output-stream.splice", self, input, 0n)).toBe(0);
    expect(await guest.count("output-stream.blocking-splice", self, input, -1n)).toBe(6);
    expect(sink.text).toBe("01234567");
    expect(await guest.count("output-stream.splice", self, input, 4n)).toBe(0);
    sink.allow(10);
    expect(await guest.count("output-stream.splice", self, input, 4n)).toBe("closed");
    expect(sink.text).toBe("0123456789");
    expect(await guest.count("output-stream.splice", self, guest.input(new ScriptedSource()), 4n)).toBe(0);
  });

  test("reports the failure of either side of a splice", async () => {
    const sink = new ScriptedSink();
    const self = guest.output(sink);
    const failing = new ScriptedSource().end(-Errno.CONNRESET);
    expect(await guest.count("output-stream.splice", self, guest.input(failing), 4n)).toBe("failed with CONNRESET");
    expect(await permitOf(self)).toBe(PERMIT);
    sink.fail(Errno.IO);
    const source = guest.input(new ScriptedSource().push("abc"));
    expect(await guest.count("output-stream.blocking-splice", self, source, 4n)).toBe("failed with IO");
    expect(await guest.count("output-stream.splice", self, source, 4n)).toBe("closed");
  });
});

describe("blocking output of a guest that is suspended", () => {
  let guest: StreamGuest;

  beforeEach(() => {
    guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
  });

  test("takes the bytes of a blocking write once", async () => {
    const sink = new ScriptedSink(2);
    const self = guest.output(sink);
    const writing = guest.write("blocking-write-and-flush", self, "abcdef");
    expect(writing).toBeInstanceOf(Promise);
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      sink.allow(1);
    }
    expect(await writing).toBe("ok");
    expect(sink.text).toBe("abcdef");
    expect(sink.log.at(-1)).toBe("flush");
  });

  test("waits for a flush, and for what was queued before a blocking write", async () => {
    const sink = new ScriptedSink(0);
    const self = guest.output(sink);
    expect(guest.write("write", self, "ab")).toBe("ok");
    const writing = guest.write("blocking-write-and-flush", self, "cd");
    sink.allow(4);
    expect(await writing).toBe("ok");
    expect(sink.text).toBe("abcd");
    sink.hold();
    const flushing = guest.done("blocking-flush", self);
    expect(flushing).toBeInstanceOf(Promise);
    sink.release();
    expect(await flushing).toBe("ok");
  });

  test("fails a blocking write whose bytes were taken", async () => {
    const sink = new ScriptedSink(1);
    const self = guest.output(sink);
    const writing = guest.write("blocking-write-and-flush", self, "abc");
    sink.fail(Errno.CONNRESET);
    expect(await writing).toBe("failed with CONNRESET");
    expect(guest.write("blocking-write-and-flush", self, "x")).toBe("closed");
  });

  test("waits for both sides of a splice", async () => {
    const source = new ScriptedSource();
    const sink = new ScriptedSink(0);
    const [input, self] = [guest.input(source), guest.output(sink)];
    guest.write("write", self, "x");
    const splicing = guest.count("output-stream.blocking-splice", self, input, 10n);
    sink.allow(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
    source.push("abc");
    expect(await splicing).toBe(3);
    expect(sink.text).toBe("xabc");
  });

  test("writes what is queued while it waits for something else", async () => {
    const source = new ScriptedSource();
    const sink = new ScriptedSink(1);
    const [input, self] = [guest.input(source), guest.output(sink)];
    guest.write("write", self, "abc");
    const polling = guest.poll([guest.subscribe("input", input)]);
    sink.allow(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    sink.allow(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(sink.text).toBe("abc");
    source.push("x");
    expect(await polling).toEqual([0]);
  });

  test("writes what is queued at the end, within the time that it may take", async () => {
    const sinks = [new ScriptedSink(1), new ScriptedSink(1)];
    sinks[1]!.lingerNs = 5e6;
    for (const sink of sinks) {
      const self = guest.output(sink);
      guest.write("write", self, "abc");
      guest.dropStream("output", self);
    }
    const flushed = guest.interfaces.flushed();
    setTimeout(() => sinks[0]!.allow(5), 20);
    await flushed;
    expect(sinks.map(({ text }) => text)).toEqual(["abc", "a"]);
    expect(sinks.map(({ log }) => log.at(-1))).toEqual(["close", "close"]);
  });
});
