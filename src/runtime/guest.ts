/** A module with its system: instantiated, called, ended. */

import { GuestMemory } from "../abi/memory.ts";
import { normalPath } from "../core/guest_path.ts";
import { HostSystem } from "../core/host_system.ts";
import { Mount } from "../core/place.ts";
import type { Platform, PlatformDirectory, PlatformStdio, PlatformStream, Waiter } from "../core/platform.ts";
import type { Interrupt } from "../core/poll.ts";
import { addressText } from "../core/socket/address.ts";
import type { OnRefused } from "../core/socket_system.ts";
import { type System, WasiExit, WasiSignal } from "../core/system.ts";
import { genericWaiter } from "../core/waiter.ts";
import type { Trace } from "../decorators/trace.ts";
import { ModuleError } from "./errors.ts";
import { networkOf } from "./guest_network.ts";
import { collectImports } from "./imports.ts";
import { canSuspend, type ExportFunction, promising } from "./jspi.ts";
import type { LoadedModule } from "./load.ts";
import type { OpenNetwork } from "./network.ts";
import type {
  HostImports,
  Mount as MountOption,
  NetOptions,
  OutputSink,
  RunOptions,
  SocketExtension,
} from "./options.ts";
import { bytesStream, CapturedStream, nullStream, ReadableSource, WritableSink } from "./stdio.ts";
import { asTrap } from "./trap.ts";

/** Descriptors that may be open at once unless the caller says otherwise. */
const DEFAULT_MAX_OPEN_FILES = 1024;

/** A peer that does not read holds up the end of a guest for so long at most. */
const FLUSH_MS = 2000;

/** How a guest ended. */
export interface Ending {
  /** Exit code (u32). */
  readonly exitCode: number;
  /** `Signal` that it raised, if it did. */
  readonly signal?: number;
}

/**
 * Make a guest, with its network if it has one.
 *
 * @throws {ModuleError} If it can't be run.
 * @throws {TypeError} If its options are wrong.
 */
export async function makeGuest(
  loaded: LoadedModule,
  options: RunOptions,
  platform: Platform,
  suspends: boolean,
): Promise<GuestInstance> {
  const tracer = await tracerOf(options);
  const network = await networkOf(options.net, platform, suspends);
  try {
    return new GuestInstance(loaded, options, platform, suspends, network, tracer);
  } catch (error) {
    network?.close();
    throw error;
  }
}

/** Makes the trace of a guest. */
type Tracer = (system: System) => Trace;

async function tracerOf({ trace: write }: RunOptions): Promise<Tracer | undefined> {
  if (write === undefined) return undefined;
  const { trace } = await import("../decorators/trace.ts");
  return (system) => trace(system, write);
}

/** A guest that was made and can be called. */
export class GuestInstance {
  /** Exports of the module. */
  readonly exports: WebAssembly.Exports;
  /** The system behind its imports. */
  readonly system: HostSystem;
  /** Where its output went. */
  readonly stdio: GuestStdio;
  readonly #suspends: boolean;
  readonly #network: OpenNetwork | undefined;
  readonly #interrupt: AbortInterrupt | undefined;
  readonly #trace: Trace | undefined;

  /**
   * @param loaded The module.
   * @param options Options of the caller.
   * @param platform The host.
   * @param suspends True to suspend the guest while it waits, false to block the thread.
   * @param network Its network, which is closed with it, or undefined if it has none.
   * @param tracer Makes its trace, or undefined if it has none.
   * @throws {ModuleError} If it can't be run.
   */
  constructor(
    loaded: LoadedModule,
    options: RunOptions,
    platform: Platform,
    suspends: boolean,
    network?: OpenNetwork,
    tracer?: Tracer,
  ) {
    this.#suspends = suspends;
    checkExports(loaded);
    const memory = new GuestMemory();
    this.stdio = new GuestStdio(options, platform, suspends);
    this.#interrupt = options.signal === undefined ? undefined : new AbortInterrupt(options.signal, memory);
    this.#network = network;
    const mounts = openMounts(options, platform);
    const { cwd, environ } = environmentOf(options, mounts, network);
    if (network !== undefined && network.lacksEtc(mounts)) mounts.push(new Mount("/etc", network.etc, true));
    try {
      this.system = new HostSystem({
        platform,
        waiter: waiterOf(platform, suspends),
        blockingWaiter: waiterOf(platform, false),
        args: argumentsOf(options, loaded.basename),
        environ,
        mounts,
        stdio: this.stdio,
        nonBlockingStdio: options.nonBlockingStdio ?? false,
        maxOpenFiles: options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES,
        interrupt: this.#interrupt,
        onMissingPreopen: options.onMissingPreopen,
        cwd,
        network: network?.guest,
        onRefused: network?.onRefused ?? refusalOf(options.net),
      });
    } catch (error) {
      for (const mount of mounts) mount.close();
      throw error;
    }
    this.#trace = tracer?.(this.system);
    this.exports = this.#instantiate(
      loaded,
      memory,
      extraImports(options, () => exportedMemory(this.exports)),
      options.net?.sockets,
    );
    memory.attach(exportedMemory(this.exports));
  }

  #instantiate(
    loaded: LoadedModule,
    memory: GuestMemory,
    extra: HostImports,
    extension: SocketExtension | undefined,
  ): WebAssembly.Exports {
    try {
      const { stdin, stdout, stderr } = this.stdio;
      const hasNetwork = this.#network !== undefined;
      const imports = collectImports(loaded, this.#trace?.system ?? this.system, memory, extra, {
        suspends: this.#suspends,
        reads: hasNetwork || stdin.needsEventLoop,
        writes: hasNetwork || stdout.needsEventLoop || stderr.needsEventLoop,
        sockets: hasNetwork,
        extension: extension ?? "auto",
      }, this.#trace?.watch);
      return new WebAssembly.Instance(loaded.module, imports).exports;
    } catch (error) {
      this.system.close();
      if (error instanceof WebAssembly.LinkError) {
        throw new ModuleError(`Cannot link ${loaded.label}: ${error.message}`, { cause: error });
      }
      throw asTrap(error);
    }
  }

  /**
   * Call an export to its end; it can't suspend.
   *
   * @throws {WasiExit} When the guest exits in it.
   * @throws {TrapError} When it traps.
   */
  callSync(name: string, args: readonly unknown[]): unknown {
    try {
      return this.#exported(name)(...args);
    } catch (error) {
      throw asTrap(error);
    }
  }

  /**
   * Call an export. It runs on a stack of its own where there are such, which is deeper than the thread's, also if the
   * guest blocks while it waits.
   *
   * @throws {WasiExit} When the guest exits in it.
   * @throws {TrapError} When it traps.
   */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    const fn = this.#exported(name);
    try {
      return await (canSuspend() ? promising(fn)(...args) : fn(...args));
    } catch (error) {
      throw asTrap(error);
    }
  }

  #exported(name: string): ExportFunction {
    const fn = this.exports[name];
    if (typeof fn === "function") return fn as ExportFunction;
    throw new TypeError(`Cannot call "${name}": the guest exports no such function`);
  }

  /** Give up all that it holds. */
  close(): void {
    this.#interrupt?.release();
    this.system.close();
  }

  /** Close web streams, and wait for a moment until what its sockets had to send is sent. Never rejects. */
  async finish(signal: AbortSignal | undefined): Promise<void> {
    await this.stdio.finish(signal);
    const flushed = this.#network?.guest.network.flushed?.();
    if (flushed !== undefined) await atMost(flushed, FLUSH_MS);
  }
}

async function atMost(promise: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/**
 * How a call of a guest ended, if it ended the guest.
 *
 * @param error What the call threw.
 * @returns The ending, or undefined for a failure.
 */
export function endingOf(error: unknown): Ending | undefined {
  if (error instanceof WasiExit) return { exitCode: error.code };
  if (error instanceof WasiSignal) return { exitCode: 128 + error.signal, signal: error.signal };
  return undefined;
}

/** The export that starts a module: `_start` of a command, `_initialize` of a reactor. */
export function entryPoint(exports: WebAssembly.Exports): "_start" | "_initialize" {
  return typeof exports["_start"] === "function" ? "_start" : "_initialize";
}

function waiterOf(platform: Platform, suspends: boolean): Waiter {
  return platform.waiter?.(suspends) ?? genericWaiter(suspends);
}

function checkExports(loaded: LoadedModule): void {
  const kinds = new Map<string, string>();
  for (const { name, kind } of WebAssembly.Module.exports(loaded.module)) kinds.set(name, kind);
  if (kinds.get("_start") !== "function" && kinds.get("_initialize") !== "function") {
    throw new ModuleError(
      `Cannot run ${loaded.label}: it exports neither _start (a command) nor _initialize (a reactor); ` +
        "was it built for WASI?",
    );
  }
  if (kinds.get("memory") !== "memory") {
    throw new ModuleError(`Cannot run ${loaded.label}: it exports no memory named "memory"`);
  }
}

function exportedMemory(exports: WebAssembly.Exports | undefined): WebAssembly.Memory {
  const memory = exports?.["memory"];
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new TypeError("Cannot reach the guest's memory before the guest is instantiated");
}

function extraImports(options: RunOptions, memory: () => WebAssembly.Memory): HostImports {
  const { imports } = options;
  return typeof imports === "function" ? imports({ memory }) : imports ?? {};
}

function argumentsOf({ argv0, args = [] }: RunOptions, basename: string): string[] {
  const all = [argv0 ?? basename, ...args];
  for (const arg of all) {
    if (arg.includes("\0")) throw new TypeError(`Cannot pass the argument "${arg}": it has a NUL`);
  }
  return all;
}

function environmentOf(
  options: RunOptions,
  mounts: readonly Mount[],
  network: OpenNetwork | undefined,
): { cwd: string; environ: string[] } {
  const env = { ...options.env, ...network?.env };
  const cwd = options.cwd ?? env["PWD"] ?? mounts[0]?.path;
  if (cwd !== undefined) env["PWD"] = cwd;
  return { cwd: cwd ?? "/", environ: Object.entries(env).map(([name, value]) => environPair(name, value)) };
}

/** A guest without a network can't even open a socket. */
function refusalOf(net: NetOptions | undefined): OnRefused | undefined {
  const tell = net?.onRefused;
  if (tell === undefined) return undefined;
  let told = false;
  return (action, target) => {
    if (!told) tell({ action, target: typeof target === "string" ? target : addressText(target), rule: "*" });
    told = true;
  };
}

function environPair(name: string, value: string): string {
  if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
    throw new TypeError(
      `Cannot pass the environment variable "${name}": a name has no "=", and neither part has a NUL`,
    );
  }
  return `${name}=${value}`;
}

function openMounts(options: RunOptions, platform: Platform): Mount[] {
  const mounts: Mount[] = [];
  try {
    for (const [path, option] of Object.entries(options.preopens ?? {})) {
      const { source, readOnly = false }: MountOption = typeof option === "string" ? { source: option } : option;
      mounts.push(new Mount(normalise(path), openSource(source, platform), readOnly, typeof source === "string"));
    }
  } catch (error) {
    for (const mount of mounts) mount.close();
    throw error;
  }
  return mounts;
}

function openSource(source: string | PlatformDirectory, platform: Platform): PlatformDirectory {
  return typeof source === "string" ? platform.openRoot(source) : source;
}

/** An absolute path of the guest without `.`, `..` and superfluous slashes. */
function normalise(path: string): string {
  if (!path.startsWith("/")) {
    throw new TypeError(
      `Cannot mount at "${path}": a path in the guest is absolute; write "/${path.replace(/^\.?\/?/, "")}"`,
    );
  }
  return normalPath(path);
}

/** The three standard streams of a guest. */
export class GuestStdio implements PlatformStdio {
  readonly stdin: PlatformStream;
  readonly stdout: PlatformStream;
  readonly stderr: PlatformStream;

  /**
   * @param options Where they come from and go to.
   * @param platform Has those of the process.
   * @param suspends False to refuse web streams.
   */
  constructor(options: RunOptions, platform: Platform, suspends: boolean) {
    this.stdin = source(options.stdin ?? "null", () => platform.stdio(suspends).stdin);
    this.stdout = sink(options.stdout ?? "inherit", () => platform.stdio(suspends).stdout);
    this.stderr = sink(options.stderr ?? "inherit", () => platform.stdio(suspends).stderr);
    const needsSuspension = [this.stdin, this.stdout, this.stderr].some(
      (stream) => stream instanceof ReadableSource || stream instanceof WritableSink,
    );
    if (needsSuspension && !suspends) {
      throw new TypeError(
        "Cannot use a web stream for stdio here: the guest can't be suspended. Use run (not runSync) on Deno, Bun, " +
          "Node 25 or later, or Node 24 with --experimental-wasm-jspi",
      );
    }
  }

  /** What was captured, for the result. */
  captured(stdout: OutputSink | undefined, stderr: OutputSink | undefined): Record<string, Uint8Array | string> {
    const result: Record<string, Uint8Array | string> = {};
    capture(result, "stdout", this.stdout, stdout);
    capture(result, "stderr", this.stderr, stderr);
    return result;
  }

  /** Close the web streams of the outputs; abort them if `signal` was aborted. Never rejects. */
  async finish(signal: AbortSignal | undefined): Promise<void> {
    for (const stream of [this.stdout, this.stderr]) {
      if (stream instanceof WritableSink) await stream.finish(signal);
    }
  }
}

function source(option: NonNullable<RunOptions["stdin"]>, inherited: () => PlatformStream): PlatformStream {
  if (option === "inherit") return inherited();
  if (option === "null") return nullStream();
  if (option instanceof Uint8Array) return bytesStream(option);
  if (option instanceof ReadableStream) return new ReadableSource(option);
  if (typeof option === "object" && typeof option.text === "string") {
    return bytesStream(new TextEncoder().encode(option.text));
  }
  throw new TypeError('Cannot use this stdin: pass "inherit", "null", bytes, { text } or a ReadableStream');
}

function sink(option: OutputSink, inherited: () => PlatformStream): PlatformStream {
  if (option === "inherit") return inherited();
  if (option === "null") return nullStream();
  if (option === "bytes" || option === "text") return new CapturedStream();
  if (option instanceof WritableStream) return new WritableSink(option);
  throw new TypeError('Cannot use this output: pass "inherit", "null", "bytes", "text" or a WritableStream');
}

function capture(
  result: Record<string, Uint8Array | string>,
  name: "stdout" | "stderr",
  stream: PlatformStream,
  option: OutputSink | undefined,
): void {
  if (!(stream instanceof CapturedStream)) return;
  const bytes = stream.captured();
  result[name] = option === "text" ? new TextDecoder().decode(bytes) : bytes;
}

/** Ends a guest when a signal is aborted. */
class AbortInterrupt implements Interrupt {
  readonly needsEventLoop = true;
  readonly #signal: AbortSignal;
  readonly #stop: () => void;

  constructor(signal: AbortSignal, memory: GuestMemory) {
    this.#signal = signal;
    this.#stop = () => memory.interrupt(() => this.#fail());
    if (signal.aborted) this.#stop();
    else signal.addEventListener("abort", this.#stop, { once: true });
  }

  #fail(): never {
    throw this.#signal.reason;
  }

  release(): void {
    this.#signal.removeEventListener("abort", this.#stop);
  }

  check(): void {
    if (this.#signal.aborted) this.#fail();
  }

  readiness(): number {
    return this.#signal.aborted ? 1 : 0;
  }

  readableBytes(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    if (this.#signal.aborted) wake();
    else this.#signal.addEventListener("abort", wake, { once: true });
    return () => this.#signal.removeEventListener("abort", wake);
  }
}
