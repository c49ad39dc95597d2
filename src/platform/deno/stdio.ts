/** The standard streams of the process, for Deno. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { PlatformStdio, PlatformStream, WaitMode } from "../../contract/platform.ts";
import { filetypeOf, storeInfo } from "./file.ts";
import { denoDeviceCalls, type NodeFsLoader } from "./open.ts";
import { StandardDevice } from "../shared/fs/device.ts";
import { SyncStream } from "../shared/sync_stream.ts";
import { AsyncInput } from "../shared/async_input.ts";
import type { DenoFileInfo, DenoNamespace, DenoStdStream } from "./api.ts";

/**
 * A pipe takes up to this many bytes as a whole or not at all. Another process may have made it non-blocking, and Deno does
 * not report how much of a longer write to a full pipe was written. No issue known; seen with Deno 2.9.
 */
const PIPE_BUF = 4096;

/** Where Linux and macOS show the standard streams of a process, by number. */
const PATHS: readonly string[] = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];

/** The size of a write to what is no file. */
function mostOf(filetype: Filetype): number {
  return filetype === Filetype.REGULAR_FILE ? Infinity : PIPE_BUF;
}

/**
 * The standard streams of the process, made on first use.
 *
 * @param deno The runtime.
 * @param nodeFs Loads `node:fs`, to read standard input without a promise.
 */
export function denoStdio(deno: DenoNamespace, nodeFs: NodeFsLoader): (mode: WaitMode) => PlatformStdio {
  const streams = new StandardStreams(deno, nodeFs);
  return (mode) => ({
    get stdin(): PlatformStream {
      return streams.input(mode);
    },
    get stdout(): PlatformStream {
      return streams.output(1, deno.stdout);
    },
    get stderr(): PlatformStream {
      return streams.output(2, deno.stderr);
    },
  });
}

/** The streams by number, and standard input by how guests wait for it. */
class StandardStreams {
  readonly #deno: DenoNamespace;
  readonly #nodeFs: NodeFsLoader;
  readonly #inputs: Map<WaitMode, PlatformStream> = new Map();
  readonly #outputs: Map<number, PlatformStream> = new Map();

  constructor(deno: DenoNamespace, nodeFs: NodeFsLoader) {
    this.#deno = deno;
    this.#nodeFs = nodeFs;
  }

  output(fd: 1 | 2, endpoint: DenoNamespace["stdout"]): PlatformStream {
    const made = this.#outputs.get(fd);
    if (made !== undefined) return made;
    const filetype = this.#kindOf(fd, endpoint);
    const stream = new SyncStream({
      filetype,
      isTerminal: endpoint.isTerminal(),
      fstat: (out) => this.#fstat(fd, out),
      write: (bytes, start, length) => endpoint.writeSync(bytes.subarray(start, start + length)),
      most: mostOf(filetype),
    });
    this.#outputs.set(fd, stream);
    return stream;
  }

  input(mode: WaitMode): PlatformStream {
    let stream = this.#inputs.get(mode);
    if (stream === undefined) this.#inputs.set(mode, stream = this.#openInput(mode));
    return stream;
  }

  #openInput(mode: WaitMode): PlatformStream {
    const { stdin } = this.#deno;
    const filetype = this.#kindOf(0, stdin);
    const isTerminal = stdin.isTerminal();
    const waits = isTerminal || filetype === Filetype.UNKNOWN || filetype === Filetype.SOCKET_STREAM;
    if (!waits) return this.#directInput(filetype);
    if (mode === "block") return this.#reopenedInput(filetype) ?? this.#directInput(filetype);
    const pull = async (bytes: Uint8Array): Promise<number> => await stdin.read(bytes) ?? 0;
    return new AsyncInput({ filetype, isTerminal, fstat: (out) => this.#fstat(0, out), pull });
  }

  #directInput(filetype: Filetype): PlatformStream {
    const { stdin } = this.#deno;
    return new SyncStream({
      filetype,
      isTerminal: stdin.isTerminal(),
      fstat: (out) => this.#fstat(0, out),
      read: (bytes, start, length) => stdin.readSync(bytes.subarray(start, start + length)) ?? 0,
      most: 0,
    });
  }

  /** A separate descriptor for the same pipe or terminal, which may be non-blocking; only Linux has one. */
  #reopenedInput(filetype: Filetype): PlatformStream | undefined {
    try {
      const fs = this.#nodeFs();
      const { O_RDONLY = 0, O_NONBLOCK = 0 } = fs.constants;
      const fd = fs.openSync("/proc/self/fd/0", O_RDONLY | O_NONBLOCK);
      const isTerminal = this.#deno.stdin.isTerminal();
      return new StandardDevice(denoDeviceCalls(fs, filetype), { fd, filetype, isTerminal });
    } catch {
      return undefined;
    }
  }

  #kindOf(fd: number, endpoint: DenoStdStream): Filetype {
    if (endpoint.isTerminal()) return Filetype.CHARACTER_DEVICE;
    const info = this.#infoOf(fd);
    return info === undefined ? Filetype.UNKNOWN : filetypeOf(info);
  }

  #fstat(fd: number, out: Filestat): number {
    const info = this.#infoOf(fd);
    return info === undefined ? -Errno.NOTSUP : storeInfo(info, out);
  }

  /** Without the permission to read it, the type of a stream is not known. The permission is never requested. */
  #infoOf(fd: number): DenoFileInfo | undefined {
    const path = PATHS[fd]!;
    const { permissions } = this.#deno;
    try {
      return permissions.querySync({ name: "read", path }).state === "granted" ? this.#deno.statSync(path) : undefined;
    } catch {
      return undefined;
    }
  }
}
