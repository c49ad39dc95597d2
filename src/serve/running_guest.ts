/** A guest that runs on a virtual network until it is stopped. */

import { GO_REPORT_BYTES, waitsOnFakeListener } from "../runtime/go/fake_network.ts";
import { printableLines } from "../text/printable.ts";
import type { Platform } from "../contract/platform.ts";
import type { ComponentProgram } from "../runtime/component_program.ts";
import { canSuspend } from "../runtime/jspi.ts";
import type { RunOptions, RunResult } from "../runtime/mod.ts";
import type { LoadingModule } from "../runtime/module/load.ts";
import { runLoading } from "../runtime/run.ts";
import { Tail, withStderrTail } from "../runtime/stdio/stderr_tail.ts";

/** Size of the end of standard error that an error message quotes. */
const QUOTED_CHARS = 2048;

const FAKE_LISTENER_HINT =
  'net.Listen of stock Go reaches nobody on wasip1; pass net.listen, such as { listen: ["127.0.0.1:80"] }, and serve ' +
  'net.FileListener(os.NewFile(3, "")), or use github.com/stealthrocket/net';

/** Runs a guest and remembers the end of its standard error. */
export class RunningGuest {
  /** The result of `run`. A rejection need not be handled. */
  readonly ended: Promise<RunResult>;
  readonly #stop: AbortController = new AbortController();
  readonly #tail: Tail = new Tail(GO_REPORT_BYTES);

  /**
   * @param platform The platform.
   * @param loading The module.
   * @param options Options of the guest, with its network.
   */
  constructor(platform: Platform, loading: LoadingModule | ComponentProgram, options: RunOptions) {
    this.ended = this.#run(platform, loading, options);
    this.ended.catch(() => {});
  }

  async #run(
    platform: Platform,
    loading: LoadingModule | ComponentProgram,
    options: RunOptions,
  ): Promise<RunResult> {
    const { signal } = options;
    const stop = (): void => this.#stop.abort(signal?.reason);
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const mode = canSuspend() ? "suspend" : "block";
      this.#stop.signal.throwIfAborted();
      const given = { ...options, signal: this.#stop.signal };
      return await runLoading(loading, given, this.#withTail(platform, options), mode);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  #withTail(platform: Platform, options: RunOptions): Platform {
    return (options.stderr ?? "inherit") === "inherit" ? withStderrTail(platform, this.#tail) : platform;
  }

  /**
   * Rejects when the guest ends; for a caller that waits for it to listen.
   *
   * @throws {Error} Its failure, or an error with its exit code and the end of its standard error.
   */
  async failOnEnd(): Promise<never> {
    const result = await this.ended;
    const { signal, exitCode } = result;
    const how = signal === undefined ? `with exit code ${exitCode}` : `by signal ${signal}`;
    const said = printableLines(endOf(this.#stderrOf(result).trimEnd()));
    const quoted = said === "" ? "" : `; its standard error:\n${said}`;
    throw new Error(`The guest ended ${how} before it listened${this.hintFor(result)}${quoted}`);
  }

  /** Text to append to a message about the end of the guest: a hint if it used Go's simulated network, or nothing. */
  hintFor(result: RunResult): string {
    return waitsOnFakeListener(result.exitCode, this.#stderrOf(result)) ? `: ${FAKE_LISTENER_HINT}` : "";
  }

  #stderrOf(result: RunResult): string {
    return this.#tail.text() || captured(result);
  }

  /** Ends the guest. Resolves when it has ended; never rejects. */
  async stop(): Promise<void> {
    this.#stop.abort(new DOMException("The guest was closed", "AbortError"));
    await this.ended.catch(() => {});
  }
}

/** The end of standard error, if `run` captured it. */
function captured(result: object): string {
  const { stderr } = result as { readonly stderr?: string | Uint8Array };
  if (stderr === undefined) return "";
  const bytes = typeof stderr === "string" ? new TextEncoder().encode(stderr) : stderr;
  const tail = new Tail(GO_REPORT_BYTES);
  tail.push(bytes, 0, bytes.length);
  return tail.text();
}

/** The last lines of a text. */
function endOf(text: string): string {
  if (text.length <= QUOTED_CHARS) return text;
  const end = text.slice(-QUOTED_CHARS);
  return end.slice(end.indexOf("\n") + 1);
}
