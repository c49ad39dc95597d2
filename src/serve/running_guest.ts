/** A guest that runs on a virtual network until it is stopped. */

import type { Platform } from "../core/platform.ts";
import type { VirtualNetwork } from "../platform/memory/mod.ts";
import { defaultPlatform } from "../runtime/default_platform.ts";
import { type ModuleSource, run, type RunOptions, type RunResult } from "../runtime/mod.ts";
import { Tail, withStderrTail } from "./stderr_tail.ts";

/** A guest. */
export class RunningGuest {
  /** As `run` has it. Need not be handled. */
  readonly ended: Promise<RunResult>;
  readonly #stop: AbortController = new AbortController();
  readonly #tail: Tail = new Tail();

  /**
   * @param source The module.
   * @param options What it gets; everything is allowed on the network unless they say otherwise.
   * @param virtual Its network.
   */
  constructor(source: ModuleSource, options: RunOptions, virtual: VirtualNetwork) {
    this.ended = this.#run(source, options, virtual);
    this.ended.catch(() => {});
  }

  async #run(source: ModuleSource, options: RunOptions, virtual: VirtualNetwork): Promise<RunResult> {
    const { signal } = options;
    const stop = (): void => this.#stop.abort(signal?.reason);
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await run(source, {
        ...options,
        net: { allow: true, ...options.net, network: virtual.network },
        platform: await this.#platform(options),
        signal: this.#stop.signal,
      });
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #platform(options: RunOptions): Promise<Platform> {
    const platform = options.platform ?? await defaultPlatform();
    return (options.stderr ?? "inherit") === "inherit" ? withStderrTail(platform, this.#tail) : platform;
  }

  /**
   * What to tell when it ended too soon.
   *
   * @returns Never resolves.
   * @throws {Error} Once it ended: its failure, or how it ended and what it said last.
   */
  async endedTooSoon(): Promise<never> {
    const result = await this.ended;
    const { signal, exitCode } = result;
    const how = signal === undefined ? `with exit code ${exitCode}` : `by signal ${signal}`;
    const said = (this.#tail.text() || captured(result)).trimEnd();
    throw new Error(`The guest ended ${how} before it listened${said === "" ? "" : `; it said:\n${said}`}`);
  }

  /** End it. Resolves once it is over; never rejects. */
  async stop(): Promise<void> {
    this.#stop.abort(new DOMException("The guest was closed", "AbortError"));
    await this.ended.catch(() => {});
  }
}

/** Standard error, if `run` was asked to capture it. */
function captured(result: object): string {
  const { stderr } = result as { readonly stderr?: string | Uint8Array };
  if (stderr === undefined) return "";
  const tail = new Tail();
  tail.push(typeof stderr === "string" ? new TextEncoder().encode(stderr) : stderr);
  return tail.text();
}
