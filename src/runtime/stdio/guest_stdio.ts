/** The standard streams of a guest, as its options ask for them. */

import type { WebAbortSignal } from "../../contract/web_types.ts";
import type { Platform, PlatformStdio, PlatformStream, WaitMode } from "../../contract/platform.ts";
import { refuse } from "../options/checks.ts";
import { cannotSuspend } from "../jspi.ts";
import type { OutputSink, RunOptions, StdinSource } from "../options/options.ts";
import { CapturedStream } from "./captured_stream.ts";
import { bytesStream, nullStream } from "./fixed_streams.ts";
import { ReadableSource } from "./readable_source.ts";
import { WritableSink } from "./writable_sink.ts";

/** What is kept of an output that is captured, unless the caller says otherwise. No text of V8 has more than twice that. */
const DEFAULT_MAX_CAPTURED_BYTES = 256 * 1024 ** 2;

/** The three standard streams of a guest. */
export class GuestStdio implements PlatformStdio {
  readonly stdin: PlatformStream;
  readonly stdout: PlatformStream;
  readonly stderr: PlatformStream;
  readonly #asText: Readonly<Record<"stdout" | "stderr", boolean>>;

  /**
   * @param options Where they come from and go to.
   * @param platform Has those of the process.
   * @param mode How the guest waits: with `"block"`, web streams are refused.
   */
  constructor(options: RunOptions, platform: Platform, mode: WaitMode) {
    const { stdin = "null", stdout = "inherit", stderr = "inherit" } = options;
    if (mode === "block" && (isReadable(stdin) || isWritable(stdout) || isWritable(stderr))) {
      throw new TypeError(`Cannot use a web stream for stdio: ${cannotSuspend()}`);
    }
    this.#asText = { stdout: stdout === "text", stderr: stderr === "text" };
    const isOwn = (stream: object): boolean => platform.ownsStream?.(stream) ?? false;
    try {
      this.stdin = source(stdin, () => platform.stdio(mode).stdin, isOwn);
      this.stdout = sink("stdout", stdout, options, () => platform.stdio(mode).stdout, isOwn);
      this.stderr = sink("stderr", stderr, options, () => platform.stdio(mode).stderr, isOwn);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Give web streams back as they were: the guest could not be started. */
  release(): void {
    for (const stream of [this.stdin, this.stdout, this.stderr]) {
      if (stream instanceof ReadableSource || stream instanceof WritableSink) stream.release();
    }
  }

  /** What was captured, for the result. */
  captured(): Record<string, Uint8Array | string> {
    const result: Record<string, Uint8Array | string> = {};
    for (const name of ["stdout", "stderr"] as const) {
      const stream = this[name];
      if (!(stream instanceof CapturedStream)) continue;
      const bytes = stream.captured();
      result[name] = this.#asText[name] ? new TextDecoder().decode(bytes) : bytes;
    }
    return result;
  }

  /** Close the web streams of the outputs; abort them if `signal` was aborted. Never rejects. */
  async finish(signal: WebAbortSignal | undefined): Promise<void> {
    for (const stream of [this.stdout, this.stderr]) {
      if (stream instanceof WritableSink) await stream.finish(signal);
    }
  }
}

/** Checks the type first, because Node loads its web streams, in 4 ms, when their classes are first named. */
function isReadable(option: unknown): boolean {
  return typeof option === "object" && option instanceof ReadableStream;
}

/** As {@linkcode isReadable}. */
function isWritable(option: unknown): boolean {
  return typeof option === "object" && option instanceof WritableStream;
}

/** True for a web stream of the process itself. */
type IsOwn = (stream: object) => boolean;

function source(option: StdinSource, inherited: () => PlatformStream, isOwn: IsOwn): PlatformStream {
  if (option === "inherit") return inherited();
  if (option === "null") return nullStream();
  if (option instanceof Uint8Array) return bytesStream(option);
  if (option instanceof ReadableStream) return new ReadableSource(option, isOwn(option));
  if (typeof option === "object" && option !== null && typeof option.text === "string") {
    return bytesStream(new TextEncoder().encode(option.text));
  }
  refuse(option, "options.stdin", 'pass "inherit", "null", bytes, { text } or a ReadableStream');
}

function sink(
  name: "stdout" | "stderr",
  option: OutputSink,
  { preventClose = false, maxCapturedBytes = DEFAULT_MAX_CAPTURED_BYTES }: RunOptions,
  inherited: () => PlatformStream,
  isOwn: IsOwn,
): PlatformStream {
  if (option === "inherit") return inherited();
  if (option === "null") return nullStream();
  if (option === "bytes" || option === "text") return new CapturedStream(name, maxCapturedBytes);
  if (option instanceof WritableStream) return new WritableSink(option, preventClose || isOwn(option));
  refuse(option, `options.${name}`, 'pass "inherit", "null", "bytes", "text" or a WritableStream');
}
