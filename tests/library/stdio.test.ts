import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { OutputLimitError, run, runSync } from "wasirun";
import { posix } from "wasirun/posix";
import { cGuest, goGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { until } from "../tools/until.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of all values, so that no encoding would leave them as they are. */
function binary(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 2654435761) >>> 13;
  return bytes;
}

/** Copies its input to its output, whatever becomes of that. */
const CATCHER = assemble(
  "catcher.wat",
  `(module
     (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
     (memory (export "memory") 2)
     (func (export "_start")
       (i32.store (i32.const 0) (i32.const 1024))
       (loop $again
         (i32.store (i32.const 4) (i32.const 1000))
         (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
         (br_if $again (i32.load (i32.const 4))))))`,
);

let cat: WebAssembly.Module;
let ticker: WebAssembly.Module;

async function compile(path: string): Promise<WebAssembly.Module> {
  const { readFile } = await import("node:fs/promises");
  return await WebAssembly.compile(new Uint8Array(await readFile(path)));
}

beforeAll(async () => {
  cat = await compile(await goGuest("cat"));
  ticker = await compile(await goGuest("ticker"));
});

/** A stream of one chunk, which need not be bytes. */
function of(chunk: unknown): ReadableStream<Uint8Array> {
  return new ReadableStream<unknown>({ start: (controller) => controller.enqueue(chunk) }) as ReadableStream<
    Uint8Array
  >;
}

/** A sink that keeps what it is given. */
function collector(
  write?: () => Promise<void>,
): { stream: WritableStream<Uint8Array>; chunks: Uint8Array[]; closed: () => boolean } {
  const chunks: Uint8Array[] = [];
  let closed = false;
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      chunks.push(chunk.slice());
      await write?.();
    },
    close: () => void (closed = true),
  });
  return { stream, chunks, closed: () => closed };
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((length, chunk) => length + chunk.length, 0);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(total(chunks));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

describe("stdin", () => {
  test('"null", which is the default, is at its end', async () => {
    expect(await run(cat, { stdin: "null", stdout: "text" })).toEqual({ exitCode: 0, stdout: "" });
    expect(runSync(cat, { stdout: "text" })).toEqual({ exitCode: 0, stdout: "" });
  });

  test("bytes arrive as they are", async () => {
    const bytes = binary(200_000);
    expect((await run(cat, { stdin: bytes, stdout: "bytes" })).stdout).toEqual(bytes);
    expect(runSync(cat, { stdin: bytes, stdout: "bytes" }).stdout).toEqual(bytes);
    expect((await run(cat, { stdin: new Uint8Array(0), stdout: "bytes" })).stdout).toEqual(new Uint8Array(0));
  });

  test("text arrives as UTF-8", async () => {
    const { stdout } = await run(cat, { stdin: { text: "grüße 🎈\0\n" }, stdout: "bytes" });
    expect(stdout).toEqual(encoder.encode("grüße 🎈\0\n"));
    expect((await run(cat, { stdin: { text: "inherit" }, stdout: "text" })).stdout).toBe("inherit");
  });

  test("a ReadableStream is read while the guest runs, and no faster than it asks", async () => {
    let pulled = 0;
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await sleep(5);
        if (pulled === 5) controller.close();
        else controller.enqueue(encoder.encode(`chunk ${pulled++}\n`));
      },
    }, { highWaterMark: 0 });
    const { stdout } = await run(cat, { stdin: stream, stdout: "text" });
    expect(stdout).toBe("chunk 0\nchunk 1\nchunk 2\nchunk 3\nchunk 4\n");
  });

  test("a ReadableStream with empty chunks, and with one larger than any read", async () => {
    const big = binary(3_000_000);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of [new Uint8Array(0), big, new Uint8Array(0), encoder.encode("end")]) {
          controller.enqueue(chunk);
        }
        controller.close();
      },
    });
    const { stdout } = await run(cat, { stdin: stream, stdout: "bytes" });
    expect(stdout.length).toBe(big.length + 3);
    expect(Buffer.compare(stdout.subarray(0, big.length), big)).toBe(0);
    expect(decoder.decode(stdout.subarray(big.length))).toBe("end");
  });

  test("a ReadableStream that fails is an error of the guest's read", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode("before"));
      },
      pull(controller) {
        controller.error(new Error("broken"));
      },
    }, { highWaterMark: 0 });
    const { exitCode, stderr } = await run(cat, { stdin: stream, stdout: "null", stderr: "text" });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/I\/O error/);
  });

  test("a ReadableStream is cancelled when the guest ends before it", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({ pull: () => sleep(10), cancel: () => void (cancelled = true) });
    await run(await goGuest("hello"), { stdin: stream, stdout: "null" });
    await sleep(1);
    expect(cancelled).toBe(true);
  });

  test("goroutines go on while another waits for a ReadableStream", async () => {
    let stdout = "";
    const stream = new ReadableStream<Uint8Array>({
      async start(controller) {
        await until(() => stdout.includes("tick\n".repeat(5)));
        controller.enqueue(encoder.encode("line\n"));
        controller.close();
      },
    });
    await run(ticker, {
      stdin: stream,
      stdout: new WritableStream({ write: (bytes) => void (stdout += decoder.decode(bytes)) }),
    });
    expect(stdout).toContain("echo: line");
    expect(Number(/ticks before the first line: (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(5);
  });

  test("a stream that is none of bytes ends the guest with a TypeError", async () => {
    for (
      const [chunk, message] of [
        ["text", 'Cannot read "text" from options.stdin: pipe it through a TextEncoderStream'],
        [[1, 2], "Cannot read an array from options.stdin: make it a stream of Uint8Array"],
      ] as const
    ) {
      await expect(run(cat, { stdin: of(chunk), stdout: "null" })).rejects.toThrow(message);
      await expect(run(await cGuest("cat"), { stdin: of(chunk), stdout: "null" })).rejects.toThrow(TypeError);
    }
  });

  test("a ReadableStream is refused by runSync, which can't wait for it", () => {
    expect(() => runSync(cat, { stdin: new ReadableStream() })).toThrow(TypeError);
    expect(() => runSync(cat, { stdout: new WritableStream() })).toThrow(/run/);
  });
});

describe("stdout and stderr", () => {
  test("are captured each as it was asked for, and only then", async () => {
    const guest = await goGuest("panic");
    const both = await run(guest, { stdout: "bytes", stderr: "text" });
    expect(both.exitCode).toBe(2);
    expect(both.stdout).toEqual(new Uint8Array(0));
    expect(both.stderr).toContain("panic: something is wrong");
    const none = await run(guest, { stdout: "null", stderr: "null" });
    expect(Object.keys(none)).toEqual(["exitCode"]);
    expect(Object.keys(runSync(guest, { stderr: "bytes" })).sort()).toEqual(["exitCode", "stderr"]);
  });

  test("as text have U+FFFD for what is not UTF-8", async () => {
    const { stdout } = await run(cat, { stdin: Uint8Array.of(0x61, 0xff, 0x62), stdout: "text" });
    expect(stdout).toBe("a\ufffdb");
  });

  test("are captured up to a limit, which ends the guest", async () => {
    const stdin = binary(300_000);
    const message =
      "Cannot keep the guest's stdout: it wrote more than 299999 bytes; raise maxCapturedBytes, or pass a";
    for (const platform of [undefined, posix()]) {
      const options = { stdin, stdout: "bytes", ...(platform === undefined ? {} : { platform }) } as const;
      for (const guest of [cat, CATCHER]) {
        const limited = { ...options, maxCapturedBytes: 299_999 };
        await expect(run(guest, limited)).rejects.toThrow(message);
        await expect(run(guest, limited)).rejects.toBeInstanceOf(OutputLimitError);
        expect(() => runSync(guest, limited)).toThrow(message);
      }
      expect((await run(cat, { ...options, maxCapturedBytes: 300_000 })).stdout).toEqual(stdin);
    }
    const text = { stdin: "null", stderr: "text", maxCapturedBytes: 10 } as const;
    await expect(run(await goGuest("panic"), text)).rejects.toThrow(
      "Cannot keep the guest's stderr: it wrote more than 10",
    );
  });

  test("into a WritableStream are complete when run ends, and the stream is closed", async () => {
    const { stream, chunks, closed } = collector();
    const bytes = binary(1_000_000);
    await run(cat, { stdin: bytes, stdout: stream });
    expect(Buffer.compare(joined(chunks), bytes)).toBe(0);
    expect(closed()).toBe(true);
  });

  test("into a slow WritableStream make the guest wait, instead of filling memory", async () => {
    let most = 0;
    let asked = 0;
    const { stream, chunks } = collector(async () => {
      most = Math.max(most, asked - total(chunks));
      await sleep(1);
    });
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (asked >= 2_000_000) return controller.close();
        asked += 10_000;
        controller.enqueue(binary(10_000));
      },
    }, { highWaterMark: 0 });
    await run(cat, { stdin: source, stdout: stream });
    expect(total(chunks)).toBe(2_000_000);
    // 64 KiB wait in the sink, and cat holds 32 KiB.
    expect(most).toBeLessThan(200_000);
  });

  test("into a WritableStream that is to be left open: others write to it before and after", async () => {
    const { stream, chunks, closed } = collector(() => sleep(1));
    for (const text of ["one ", "two "]) {
      await run(cat, { stdin: { text }, stdout: stream, preventClose: true });
    }
    expect(closed()).toBe(false);
    const writer = stream.getWriter();
    await writer.write(encoder.encode("three"));
    await writer.close();
    expect(decoder.decode(joined(chunks))).toBe("one two three");
    const aborted = collector();
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 20);
    const options = {
      stdin: new ReadableStream(),
      stdout: aborted.stream,
      preventClose: true,
      signal: controller.signal,
    };
    await expect(run(cat, options)).rejects.toBe("enough");
    await aborted.stream.getWriter().write(encoder.encode("more"));
    expect(decoder.decode(joined(aborted.chunks))).toBe("more");
  });

  test("into a WritableStream whose reader goes away: the guest is told, and ends", async () => {
    for (const isRead of [true, false]) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const ended = run(await goGuest("epipe"), { stdout: writable, stderr: "text" });
      if (isRead) {
        const reader = readable.getReader();
        await reader.read();
        await reader.cancel("enough");
      } else {
        await sleep(30);
        await readable.cancel("enough");
      }
      expect(await ended).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("EPIPE: true") });
    }
  });

  test("into a WritableStream that fails are a broken pipe", async () => {
    const stream = new WritableStream<Uint8Array>({
      write() {
        throw new Error("gone");
      },
    });
    const { exitCode, stderr } = await run(await goGuest("epipe"), { stdout: stream, stderr: "text" });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("EPIPE: true") });
  });

  test("into a WritableStream: a timer of the guest goes on while the sink is slow", async () => {
    const { stream } = collector(() => sleep(20));
    const { exitCode } = await run(await goGuest("sleep"), { stdout: stream });
    expect(exitCode).toBe(0);
  });

  test("standard error into a WritableStream that fails does not stop the guest", async () => {
    const stream = new WritableStream<Uint8Array>({ write: () => Promise.reject(new Error("gone")) });
    const { exitCode } = await run(await goGuest("panic"), { stdout: "null", stderr: stream });
    expect(exitCode).toBe(2);
  });

  test("web streams are given back as they were if the guest can't be started", async () => {
    const failing: object[] = [
      { preopens: { "/": "/there/is/none" } },
      { env: { "A=": "1" } },
      { imports: () => Promise.resolve() },
      { stderr: "pipe" },
    ];
    const stdin = of(encoder.encode("kept"));
    const { stream, chunks } = collector();
    for (const options of failing) await expect(run(cat, { stdin, stdout: stream, ...options })).rejects.toThrow();
    await expect(run(assemble("none.wat", "(module)"), { stdin, stdout: stream })).rejects.toThrow();
    expect(() => runSync(cat, { stdin, stdout: stream })).toThrow(TypeError);
    expect([stdin.locked, stream.locked]).toEqual([false, false]);
    const reader = stdin.getReader();
    expect(decoder.decode((await reader.read()).value)).toBe("kept");
    expect(chunks).toEqual([]);
  });

  test("one stream can't be used by two guests at once", async () => {
    const { stream } = collector();
    const first = run(cat, { stdin: { text: "one" }, stdout: stream });
    await expect(run(cat, { stdin: { text: "two" }, stdout: stream })).rejects.toThrow(TypeError);
    expect((await first).exitCode).toBe(0);
  });
});

test("a guest without output waits for nothing", async () => {
  const module = assemble("empty.wat", '(module (memory (export "memory") 1) (func (export "_start")))');
  const { stream, chunks, closed } = collector();
  expect(await run(module, { stdout: stream })).toEqual({ exitCode: 0 });
  expect({ chunks, closed: closed() }).toEqual({ chunks: [], closed: true });
});
