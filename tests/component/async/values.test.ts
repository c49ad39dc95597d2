/** Streams, futures and calls that wait, as JavaScript has them. */

import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  compileComponent,
  type CompiledComponent,
  type ComponentExports,
  type ComponentGuest,
  instantiate,
} from "wasirun";
import { canSuspend } from "../../../src/runtime/jspi.ts";
import { assembleComponent } from "../../tools/component_guests.ts";
import { LIBC } from "../link/linked.ts";

type Bytes = AsyncIterable<Uint8Array>;

interface Exports {
  readonly sum: (bytes: unknown) => Promise<number>;
  readonly produce: (count: number) => Promise<ReadableStream<Uint8Array>>;
  readonly through: (bytes: unknown) => Promise<ReadableStream<Uint8Array>>;
  readonly lengths: (texts: unknown) => Promise<number>;
  readonly plus: (value: unknown) => Promise<number>;
  readonly later: (value: number) => Promise<number>;
  readonly ask: (key: number) => Promise<number>;
  readonly askSlowly: (key: number) => Promise<number>;
}

interface Importer extends ComponentExports {
  readonly count: (n: number) => Promise<number>;
  readonly increment: (n: number) => Promise<number>;
}

const TEXT = `(component
  (import "fetch" (func $fetch async (param "key" u32) (result u32)))
  (import "slow" (func $slow (param "key" u32) (result u32)))
  ${LIBC}
  (core func $slow (canon lower (func $slow)))
  (type $bytes (stream u8)) (type $texts (stream string)) (type $number (future u32))
  (core func $fetch (canon lower (func $fetch)))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $read-texts (canon stream.read $texts (memory $memory) (realloc $realloc)))
  (core func $read-number (canon future.read $number (memory $memory)))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes (memory $memory)))
  (core func $close (canon stream.drop-writable $bytes))
  (core func $new-number (canon future.new $number))
  (core func $write-number (canon future.write $number (memory $memory)))
  (core func $return (canon task.return (result $bytes)))
  (core func $return-number (canon task.return (result $number)))
  (core module $M
    (import "libc" "memory" (memory 1))
    (import "" "fetch" (func $fetch (param i32) (result i32)))
    (import "" "slow" (func $slow (param i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "read-texts" (func $read-texts (param i32 i32 i32) (result i32)))
    (import "" "read-number" (func $read-number (param i32 i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "close" (func $close (param i32)))
    (import "" "new-number" (func $new-number (result i64)))
    (import "" "write-number" (func $write-number (param i32 i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (import "" "return-number" (func $return-number (param i32)))
    (func (export "sum") (param $in i32) (result i32) (local $got i32) (local $i i32) (local $sum i32)
      (block (loop
        (local.set $got (call $read (local.get $in) (i32.const 64) (i32.const 7)))
        (br_if 1 (i32.eq (local.get $got) (i32.const 1)))
        (local.set $i (i32.const 0))
        (loop
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (local.get $i) (i32.const 64)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if 0 (i32.lt_u (local.get $i) (i32.shr_u (local.get $got) (i32.const 4)))))
        (br_if 1 (i32.and (local.get $got) (i32.const 15)))
        (br 0)))
      (local.get $sum))
    (func (export "lengths") (param $in i32) (result i32) (local $got i32) (local $sum i32)
      (block (loop
        (local.set $got (call $read-texts (local.get $in) (i32.const 64) (i32.const 1)))
        (if (i32.shr_u (local.get $got) (i32.const 4))
          (then (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 68))))))
        (br_if 1 (i32.and (local.get $got) (i32.const 15)))
        (br 0)))
      (local.get $sum))
    (func (export "produce") (param $count i32) (local $ends i64) (local $end i32)
      (local.set $ends (call $new))
      (local.set $end (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (memory.fill (i32.const 64) (i32.const 3) (i32.const 1000))
      (block (loop
        (br_if 1 (i32.eqz (local.get $count)))
        (br_if 1 (i32.and (call $write (local.get $end) (i32.const 64) (i32.const 1000)) (i32.const 15)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br 0)))
      (call $close (local.get $end)))
    (func (export "through") (param i32) (result i32) (local.get 0))
    (func (export "plus") (param i32) (result i32)
      (drop (call $read-number (local.get 0) (i32.const 64)))
      (i32.add (i32.load (i32.const 64)) (i32.const 1)))
    (func (export "later") (param i32) (local $ends i64)
      (local.set $ends (call $new-number))
      (call $return-number (i32.wrap_i64 (local.get $ends)))
      (i32.store (i32.const 64) (local.get 0))
      (drop (call $write-number (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 64))))
    (func (export "ask") (param i32) (result i32) (call $fetch (local.get 0)))
    (func (export "ask-slowly") (param i32) (result i32)
      (drop (call $slow (local.get 0))) (drop (call $fetch (i32.const 1))) (call $slow (local.get 0))))
  (core instance $m (instantiate $M (with "libc" (instance $libc)) (with "" (instance
    (export "fetch" (func $fetch)) (export "slow" (func $slow)) (export "read" (func $read)) (export "read-texts" (func $read-texts))
    (export "read-number" (func $read-number)) (export "new" (func $new)) (export "write" (func $write))
    (export "close" (func $close)) (export "new-number" (func $new-number))
    (export "write-number" (func $write-number)) (export "return" (func $return))
    (export "return-number" (func $return-number))))))
  (func (export "sum") async (param "in" $bytes) (result u32) (canon lift (core func $m "sum")))
  (func (export "lengths") async (param "in" $texts) (result u32) (canon lift (core func $m "lengths")))
  (func (export "produce") async (param "count" u32) (result $bytes) (canon lift (core func $m "produce") async))
  (func (export "through") async (param "in" $bytes) (result $bytes) (canon lift (core func $m "through")))
  (func (export "plus") async (param "value" $number) (result u32) (canon lift (core func $m "plus")))
  (func (export "later") async (param "value" u32) (result $number) (canon lift (core func $m "later") async))
  (func (export "ask") async (param "key" u32) (result u32) (canon lift (core func $m "ask")))
  (func (export "ask-slowly") async (param "key" u32) (result u32) (canon lift (core func $m "ask-slowly")))
  (func $produce async (param "count" u32) (result $bytes) (canon lift (core func $m "produce") async))
  (func $plus async (param "value" $number) (result u32) (canon lift (core func $m "plus")))
  (instance $api (export "produce" (func $produce)) (export "plus" (func $plus)))
  (export "my:pkg/api" (instance $api)))`;

/** Imports the interface of the other component. */
const IMPORTER = `(component
  (import "my:pkg/api" (instance $api
    (export "produce" (func async (param "count" u32) (result (stream u8))))
    (export "plus" (func async (param "value" (future u32)) (result u32)))))
  ${LIBC}
  (type $bytes (stream u8)) (type $number (future u32))
  (core func $produce (canon lower (func $api "produce")))
  (core func $plus (canon lower (func $api "plus") async (memory $memory)))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $new (canon future.new $number))
  (core func $write (canon future.write $number (memory $memory)))
  (core func $set.new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory $memory)))
  (core module $M
    (import "libc" "memory" (memory 1))
    (import "" "produce" (func $produce (param i32) (result i32)))
    (import "" "plus" (func $plus (param i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32) (result i32)))
    (import "" "set.new" (func $set.new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (func (export "count") (param i32) (result i32) (local $got i32) (local $in i32) (local $sum i32)
      (local.set $in (call $produce (local.get 0)))
      (loop
        (local.set $got (call $read (local.get $in) (i32.const 64) (i32.const 300)))
        (local.set $sum (i32.add (local.get $sum) (i32.shr_u (local.get $got) (i32.const 4))))
        (br_if 0 (i32.eqz (i32.and (local.get $got) (i32.const 15)))))
      (local.get $sum))
    (func (export "increment") (param i32) (result i32) (local $ends i64) (local $call i32) (local $set i32)
      (local.set $ends (call $new))
      (local.set $call (call $plus (i32.wrap_i64 (local.get $ends)) (i32.const 32)))
      (i32.store (i32.const 64) (local.get 0))
      (drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 64)))
      (local.set $set (call $set.new))
      (call $join (i32.shr_u (local.get $call) (i32.const 4)) (local.get $set))
      (drop (call $wait (local.get $set) (i32.const 0)))
      (i32.load (i32.const 32))))
  (core instance $m (instantiate $M (with "libc" (instance $libc)) (with "" (instance
    (export "produce" (func $produce)) (export "plus" (func $plus)) (export "read" (func $read))
    (export "new" (func $new)) (export "write" (func $write)) (export "set.new" (func $set.new))
    (export "join" (func $join)) (export "wait" (func $wait))))))
  (func (export "count") async (param "n" u32) (result u32) (canon lift (core func $m "count")))
  (func (export "increment") async (param "n" u32) (result u32) (canon lift (core func $m "increment"))))`;

describe.runIf(canSuspend())("a guest with streams and futures", () => {
  let component: CompiledComponent;
  let guest: ComponentGuest<Exports>;
  const open = async (fetch: (key: number) => unknown = () => 0): Promise<Exports> => {
    guest = await instantiate<Exports>(component, { imports: { $root: { fetch, slow } }, trace });
    return guest.exports;
  };

  const lines: string[] = [];
  const trace = (line: string): void => void lines.push(line);
  const slow = (key: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, key, key));

  beforeAll(async () => {
    component = await compileComponent(await assembleComponent(TEXT));
  });
  afterEach(() => guest.close());

  test("reads a ReadableStream, an iterable of chunks, and bytes", async () => {
    const { sum } = await open();
    const chunks = [new Uint8Array(20).fill(2), new Uint8Array(0), Uint8Array.of(1, 2)];
    const stream = new ReadableStream({
      start(controller): void {
        for (const chunk of chunks) if (chunk.length > 0) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await sum(stream)).toBe(43);
    expect(await sum(chunks)).toBe(43);
    expect(await sum(chunks[0])).toBe(40);
    expect(await sum([1, 2, 3])).toBe(6);
    await expect(sum(5)).rejects.toThrow("Expected a ReadableStream");
    expect(await sum([])).toBe(0);
  });

  test("reads elements of other types", async () => {
    const { lengths } = await open();
    expect(await lengths(["one", "three", "é"])).toBe(10);
  });

  test("writes a ReadableStream, which may be cancelled", async () => {
    const { produce } = await open();
    let total = 0;
    for await (const chunk of (await produce(5)) as unknown as Bytes) {
      expect(new Set(chunk)).toEqual(new Set([3]));
      total += chunk.length;
    }
    expect(total).toBe(5000);
    const endless = (await produce(2 ** 31)).getReader();
    expect((await endless.read()).value).toHaveLength(1000);
    await endless.cancel();
  });

  test("passes a stream through", async () => {
    const { through } = await open();
    const got: number[] = [];
    const stream = await through([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    for await (const chunk of stream as unknown as Bytes) got.push(...chunk);
    expect(got).toEqual([1, 2, 3]);
  });

  test("reads and writes futures", async () => {
    const { plus, later } = await open();
    expect(await plus(41)).toBe(42);
    expect(await plus(new Promise((resolve) => setTimeout(resolve, 5, 6)))).toBe(7);
    expect(await later(8)).toBe(8);
  });

  test("what a stream throws ends the guest", async () => {
    const { sum } = await open();
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      await Promise.resolve();
      throw new Error("of the stream");
    };
    await expect(sum(failing())).rejects.toThrow("of the stream");
  });

  test("a stream that is read fails once the guest is closed", async () => {
    const { produce } = await open();
    const stream = (await produce(2 ** 31)).getReader();
    await stream.read();
    guest.close();
    await expect(stream.read()).rejects.toThrow("closed");
  });

  test("calls of functions that need the instance for themselves wait for their turn", async () => {
    const order: number[] = [];
    const { ask } = await open(async (key) => {
      await new Promise((resolve) => setTimeout(resolve, key));
      order.push(key);
      return key;
    });
    expect(await Promise.all([ask(15), ask(1)])).toEqual([15, 1]);
    expect(order).toEqual([15, 1]);
  });

  test("streams and futures pass from guest to guest", async () => {
    const exports = (await open()) as unknown as ComponentExports;
    const importer = await instantiate<Importer>(await compileComponent(await assembleComponent(IMPORTER)), {
      imports: { "my:pkg/api": exports["my:pkg/api"] as object },
    });
    expect(await importer.exports.count(3)).toBe(3000);
    expect(await importer.exports.increment(9)).toBe(10);
    await importer.close();
  });

  test("a function with a synchronous type lets nothing else of its instance run while it waits", async () => {
    lines.length = 0;
    const { askSlowly, produce } = await open((key) => key);
    const asked = askSlowly(20);
    const stream = await produce(1);
    expect(lines).toEqual(["slow(20) => 20", "fetch(1) => 1", "slow(20) => 20"]);
    expect(await asked).toBe(20);
    await stream.cancel();
  });

  test("the trace has calls with their results, once these are there", async () => {
    lines.length = 0;
    const { ask } = await open((key) => slow(key + 1));
    expect(await ask(5)).toBe(6);
    expect(lines).toEqual(["fetch(5) => 6"]);
  });

  test("other calls run while one waits on its stack", async () => {
    const { ask, produce } = await open((key) => new Promise((resolve) => setTimeout(resolve, key, key)));
    const asked = ask(30);
    let isAnswered = false;
    void asked.then(() => isAnswered = true);
    const reader = (await produce(1)).getReader();
    expect((await reader.read()).value).toHaveLength(1000);
    expect(isAnswered).toBe(false);
    expect(await asked).toBe(30);
  });
});
