/** The standard streams of the process, for Deno. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import type { PlatformStdio, PlatformStream } from "../core/platform.ts";
import { filetypeOf, storeInfo } from "./_deno_file.ts";
import { denoDeviceCalls, type NodeFsLoader } from "./_deno_paths.ts";
import { StandardDevice } from "./_device.ts";
import { DirectStream } from "./_direct_stream.ts";
import { toErrno } from "./_errors.ts";
import { PulledStream } from "./_pulled_stream.ts";
import type { DenoFileInfo, DenoNamespace, DenoStdStream } from "./types/deno.ts";

/**
 * Bytes that a pipe takes as a whole or not at all (PIPE_BUF). The pipe may be non-blocking because whoever shares it made
 * it so, and when it is full, Deno does not tell how much of a longer write went through.
 */
const ATOMIC = 4096;

/** Where Linux and macOS show the standard streams of a process, by number. */
const PATHS: readonly string[] = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];

/** The size of a write to what is no file. */
function mostOf(filetype: Filetype): number {
  return filetype === Filetype.REGULAR_FILE ? Infinity : ATOMIC;
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

  function kindOf(fd: number, endpoint: DenoStdStream): Filetype {
    if (endpoint.isTerminal()) return Filetype.CHARACTER_DEVICE;
    const info = infoOf(fd);
    return info === undefined ? Filetype.UNKNOWN : filetypeOf(info);
  }

  function output(fd: 1 | 2, endpoint: DenoNamespace["stdout"]): PlatformStream {
    const made = streams[fd];
    if (made !== undefined) return made;
    const filetype = kindOf(fd, endpoint);
    return streams[fd] = new DirectStream({
      filetype,
      isTerminal: endpoint.isTerminal(),
      fstat: statOf(fd),
      write: (bytes, start, length) => endpoint.writeSync(bytes.subarray(start, start + length)),
      most: mostOf(filetype),
    });
  }

  function directInput(filetype: Filetype): PlatformStream {
    return new DirectStream({
      filetype,
      isTerminal: deno.stdin.isTerminal(),
      fstat: statOf(0),
      read: (bytes, start, length) => deno.stdin.readSync(bytes.subarray(start, start + length)) ?? 0,
      most: 0,
    });
  }

  function input(suspends: boolean): PlatformStream {
    const { stdin } = deno;
    const filetype = kindOf(0, stdin);
    const isTerminal = stdin.isTerminal();
    const waits = isTerminal || filetype === Filetype.UNKNOWN || filetype === Filetype.SOCKET_STREAM;
    if (!waits) return directInput(filetype);
    if (!suspends) return reopenedInput(filetype) ?? directInput(filetype);
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
