import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReceiveQueue } from "../../src/core/net/events/receive_queue.ts";
import { counting, pieces } from "./scripted_driver.ts";

/** Read into pieces of these lengths. */
function read(queue: ReceiveQueue, lengths: readonly number[], peek = false): number[] {
  const iovs = pieces(...lengths);
  const count = queue.read(iovs, peek);
  return [...iovs.bytes.subarray(0, count)];
}

describe("a queue of what was received", () => {
  test("gives the bytes of many chunks in order, into many pieces", () => {
    const queue = new ReceiveQueue();
    for (const [from, length] of [[0, 3], [3, 1], [4, 5]] as const) queue.push(counting(from, length));
    expect(queue.size).toBe(9);
    expect(read(queue, [2, 0, 3])).toEqual([0, 1, 2, 3, 4]);
    expect(queue.size).toBe(4);
    expect(read(queue, [100])).toEqual([5, 6, 7, 8]);
    expect(queue.size).toBe(0);
    expect(read(queue, [1])).toEqual([]);
  });

  test("writes nothing outside of the pieces", () => {
    const queue = new ReceiveQueue();
    queue.push(counting(1, 8));
    const bytes = new Uint8Array(20).fill(99);
    queue.read({ bytes, starts: Uint32Array.of(10, 2), lengths: Uint32Array.of(3, 2), count: 2 }, false);
    expect([...bytes]).toEqual([99, 99, 4, 5, 99, 99, 99, 99, 99, 99, 1, 2, 3, 99, 99, 99, 99, 99, 99, 99]);
  });

  test("keeps what is peeked at", () => {
    const queue = new ReceiveQueue();
    queue.push(counting(0, 4));
    queue.push(counting(4, 4));
    expect(read(queue, [6], true)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(queue.size).toBe(8);
    expect(read(queue, [6])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(read(queue, [6], true)).toEqual([6, 7]);
  });

  test("holds no empty chunks", () => {
    const queue = new ReceiveQueue();
    queue.push(new Uint8Array(0));
    expect(queue.size).toBe(0);
    queue.push(counting(0, 2));
    queue.push(new Uint8Array(0));
    expect(read(queue, [4])).toEqual([0, 1]);
  });

  test("forgets everything when it is cleared, amid a chunk as well", () => {
    const queue = new ReceiveQueue();
    queue.push(counting(0, 4));
    read(queue, [1]);
    queue.clear();
    expect(queue.size).toBe(0);
    queue.push(counting(7, 2));
    expect(read(queue, [9])).toEqual([7, 8]);
  });

  test("is as good after 10,000 chunks of one byte that are read one behind", () => {
    const queue = new ReceiveQueue();
    queue.push(counting(0, 1));
    for (let i = 1; i < 10_000; i++) {
      queue.push(counting(i, 1));
      if (read(queue, [1])[0] !== (i - 1) % 251) throw new Error(`Byte ${i - 1} is another one`);
    }
    expect(queue.size).toBe(1);
  });
});

/** What happens to a queue. */
type Step = { readonly push: number } | { readonly lengths: readonly number[]; readonly peek: boolean } | "clear";

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ push: fc.nat({ max: 40 }) }), weight: 5 },
  { arbitrary: fc.record({ lengths: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), peek: fc.boolean() }), weight: 5 },
  { arbitrary: fc.constant("clear" as const), weight: 1 },
);

test("whatever is pushed comes out once and in order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const queue = new ReceiveQueue();
      let model: number[] = [];
      let sent = 0;
      for (const made of steps) {
        if (made === "clear") {
          queue.clear();
          model = [];
        } else if ("push" in made) {
          const chunk = counting(sent, made.push);
          sent += made.push;
          model.push(...chunk);
          queue.push(chunk);
        } else {
          const wanted = made.lengths.reduce((total, length) => total + length, 0);
          expect(read(queue, made.lengths, made.peek)).toEqual(model.slice(0, wanted));
          if (!made.peek) model.splice(0, wanted);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
    { numRuns: 300 },
  );
});
