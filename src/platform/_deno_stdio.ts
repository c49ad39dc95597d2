/** The standard streams of the process, for Deno. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import { Interest, type PlatformStdio, type PlatformStream } from "../core/platform.ts";
import { filetypeOf, storeInfo } from "./_deno_file.ts";
import { denoDeviceCalls, type NodeFsLoader } from "./_deno_paths.ts";
import { StandardDevice } from "./_device.ts";
import { toErrno } from "./_errors.ts";
import { PulledStream } from "./_pulled_stream.ts";
import type { DenoFileInfo, DenoNamespace } from "./types/deno.ts";

/** What a standard stream of Deno can do. */
interface Endpoint {
  isTerminal(): boolean;
  readSync?(bytes: Uint8Array): number | null;
  writeSync?(bytes: Uint8Array): number;
}

/**
 * Bytes that a pipe takes as a whole or not at all (PIPE_BUF). The pipe may be non-blocking because whoever shares it made
 * it so, and when it is full, Deno does not tell how much of a longer write went through.
 */
const ATOMIC = 4096;

/** How long a full pipe is left alone (ms). */
const FULL_MS = 1;

/** Where Linux and macOS show the standard streams of a process, by number. */
const PATHS: readonly string[] = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];

/** A standard stream whose calls are made at once: a file, a device, a pipe to be written. */
class DirectStream implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = false;
  readonly #endpoint: Endpoint;
  readonly #stat: (out: Filestat) => number;
  /** Bytes of one write at most. */
  readonly #most: number;
  #fullUntilMs = 0;

  constructor(endpoint: Endpoint, filetype: Filetype, stat: (out: Filestat) => number) {
    this.#endpoint = endpoint;
    this.#stat = stat;
    this.filetype = filetype;
    this.isTerminal = endpoint.isTerminal();
    this.#most = filetype === Filetype.REGULAR_FILE ? Infinity : ATOMIC;
  }

  readiness(interest: number): number {
    const full = this.#fullUntilMs !== 0 && performance.now() < this.#fullUntilMs;
    return (interest & Interest.READ) | (full ? 0 : interest & Interest.WRITE);
  }

  readableBytes(): number {
    return 0;
  }

  subscribe(): undefined {
    return undefined;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#endpoint.readSync === undefined) return -Errno.BADF;
    try {
      return this.#endpoint.readSync(bytes.subarray(start, start + length)) ?? 0;
    } catch (error) {
      return -toErrno(error);
    }
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#endpoint.writeSync === undefined) return -Errno.BADF;
    let written = 0;
    try {
      do {
        const piece = Math.min(length - written, this.#most);
        written += this.#endpoint.writeSync(bytes.subarray(start + written, start + written + piece));
      } while (written < length);
      this.#fullUntilMs = 0;
      return written;
    } catch (error) {
      const errno = toErrno(error);
      if (errno === Errno.AGAIN) this.#fullUntilMs = performance.now() + FULL_MS;
      return written > 0 ? written : -errno;
    }
  }

  fstat(out: Filestat): number {
    return this.#stat(out);
  }

  close(): number {
    return 0;
  }
}

/**
 * The standard streams, made when first asked for.
 *
 * @param deno The runtime.
 * @param nodeFs Loads `node:fs`, to read standard input without a promise.
 */
export function denoStdio(deno: DenoNamespace, nodeFs: NodeFsLoader): (suspends: boolean) => PlatformStdio {
  const streams: (PlatformStream | undefined)[] = [];
  let blockingInput: PlatformStream | undefined;

  /** Without the permission to read it, the kind of a stream is not known; asking for the permission is not for us. */
  function infoOf(fd: number): DenoFileInfo | undefined {
    const path = PATHS[fd]!;
    try {
      return deno.permissions.querySync({ name: "read", path }).state === "granted" ? deno.statSync(path) : undefined;
    } catch {
      return undefined;
    }
  }

  function statOf(fd: number): (out: Filestat) => number {
    return (out) => {
      const info = infoOf(fd);
      return info === undefined ? -Errno.NOTSUP : storeInfo(info, out);
    };
  }

  function kindOf(fd: number, endpoint: Endpoint): Filetype {
    if (endpoint.isTerminal()) return Filetype.CHARACTER_DEVICE;
    const info = infoOf(fd);
    return info === undefined ? Filetype.UNKNOWN : filetypeOf(info);
  }

  function output(fd: 1 | 2, endpoint: Endpoint): PlatformStream {
    return streams[fd] ??= new DirectStream(endpoint, kindOf(fd, endpoint), statOf(fd));
  }

  function input(suspends: boolean): PlatformStream {
    const { stdin } = deno;
    const filetype = kindOf(0, stdin);
    const isTerminal = stdin.isTerminal();
    const waits = isTerminal || filetype === Filetype.UNKNOWN || filetype === Filetype.SOCKET_STREAM;
    if (!waits) return new DirectStream(stdin, filetype, statOf(0));
    if (!suspends) return reopenedInput(filetype) ?? new DirectStream(stdin, filetype, statOf(0));
    const pull = async (bytes: Uint8Array): Promise<number> => await stdin.read(bytes) ?? 0;
    return new PulledStream({ filetype, isTerminal, fstat: statOf(0), pull, toErrno });
  }

  /** A descriptor of our own for the same pipe or terminal, which may be non-blocking; only Linux has such. */
  function reopenedInput(filetype: Filetype): PlatformStream | undefined {
    try {
      const fs = nodeFs();
      const { O_RDONLY = 0, O_NONBLOCK = 0 } = fs.constants;
      const fd = fs.openSync("/proc/self/fd/0", O_RDONLY | O_NONBLOCK);
      return new StandardDevice(denoDeviceCalls(fs, filetype), fd, filetype, deno.stdin.isTerminal());
    } catch {
      return undefined;
    }
  }

  return (suspends) => ({
    get stdin(): PlatformStream {
      return suspends ? streams[0] ??= input(true) : blockingInput ??= input(false);
    },
    get stdout(): PlatformStream {
      return output(1, deno.stdout);
    },
    get stderr(): PlatformStream {
      return output(2, deno.stderr);
    },
  });
}
