/** The queue before a sink: nothing is lost, nothing changes its order. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { OutQueue } from "../../src/core/io/out_queue.ts";
import { PendingOutput } from "../../src/core/io/pending_output.ts";
import { Errno } from "../../src/witx/errno.ts";
import { ScriptedSink } from "./scripted_ends.ts";

type Step =
  | { readonly kind: "write"; readonly length: number }
  | { readonly kind: "allow"; readonly room: number }
  | { readonly kind: "flush" | "drain" | "hold" | "release" };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), length: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant("allow" as const), room: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constantFrom("flush" as const, "drain" as const, "hold" as const, "release" as const) }),
);

test("any writes, with any room below, arrive as they were written", () => {
  fc.assert(fc.property(fc.array(STEP), (steps) => {
    const pending = new PendingOutput();
    const sink = new ScriptedSink(0);
    const queue = new OutQueue(sink, pending);
    const written: number[] = [];
    for (const step of steps) {
      if (step.kind === "write") {
        const bytes = Uint8Array.from({ length: step.length + 2 }, (_, i) => (written.length + i) & 0xff);
        expect(queue.write(bytes, 1, step.length)).toBe(0);
        written.push(...bytes.subarray(1, step.length + 1));
        bytes.fill(255);
      } else if (step.kind === "allow") sink.allow(step.room);
      else if (step.kind === "hold" || step.kind === "release") sink[step.kind]();
      else expect([0, -Errno.INPROGRESS]).toContain(queue[step.kind]());
      expect([...sink.bytes]).toEqual(written.slice(0, sink.bytes.length));
      expect(pending.isEmpty).toBe(!queue.isBusy);
      expect(queue.permit()).toBe(queue.isBusy ? 0 : 65_536);
    }
    queue.close();
    sink.release();
    sink.allow(Infinity);
    queue.drain();
    expect([...sink.bytes]).toEqual(written);
    expect(pending.isEmpty).toBe(true);
    expect(sink.log.filter((line) => line === "close")).toHaveLength(1);
    expect(sink.log.at(-1)).toBe("close");
  }));
});

test("a failure is the answer to everything, and closes what was closed", () => {
  const sink = new ScriptedSink(1);
  const queue = new OutQueue(sink, new PendingOutput());
  let acted = 0;
  queue.write(new Uint8Array(3), 0, 3);
  queue.afterDrain(() => acted++);
  queue.close();
  sink.fail(Errno.CONNRESET);
  expect(queue.drain()).toBe(-Errno.CONNRESET);
  expect([queue.permit(), queue.write(new Uint8Array(1), 0, 1), queue.flush(), queue.drain()])
    .toEqual(Array.from({ length: 4 }, () => -Errno.CONNRESET));
  expect([acted, queue.isBusy, sink.log.at(-1)]).toEqual([1, false, "close"]);
});
