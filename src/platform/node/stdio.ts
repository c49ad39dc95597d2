/** The standard streams of the process, for Node and Bun. */

import fs from "node:fs";
import { Filetype } from "../../witx/types.ts";
import type { PlatformStdio, PlatformStream, WaitMode } from "../../contract/platform.ts";
import { StandardDevice } from "../shared/fs/device.ts";
import { SyncStream } from "../shared/sync_stream.ts";
import { filetypeOf } from "../shared/fs/filetypes.ts";
import { fstatInto, NODE_DEVICE_CALLS } from "./file.ts";
import { AsyncInput } from "../shared/async_input.ts";
import { isTerminal } from "./terminal.ts";

/** How a runtime reads standard input by promises. */
export type StdinPull = (filetype: Filetype, isTerminal: boolean) => (bytes: Uint8Array) => Promise<number>;

/** A standard stream as the process has it. */
interface Endpoint {
  readonly fd: number;
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  /** False if it is closed. */
  readonly isOpen: boolean;
}

function endpointOf(fd: number): Endpoint {
  try {
    const { mode, rdev } = fs.fstatSync(fd);
    const filetype = filetypeOf(mode);
    return { fd, filetype, isTerminal: isTerminal(fd, filetype, rdev), isOpen: true };
  } catch {
    return { fd, filetype: Filetype.UNKNOWN, isTerminal: false, isOpen: false };
  }
}

function direct({ fd, filetype, isTerminal }: Endpoint): PlatformStream {
  return new SyncStream({
    filetype,
    isTerminal,
    fstat: (out) => fstatInto(fd, out),
    read: (bytes, start, length) => fs.readSync(fd, bytes, start, length, null),
    write: (bytes, start, length) => fs.writeSync(fd, bytes, start, length, null),
    most: Infinity,
  });
}

/**
 * Standard input. Of a pipe and a terminal, O_NONBLOCK is never set: it would hold for every process that shares them.
 *
 * @param mode How the guest waits: `"suspend"` to read by promises.
 * @param pull How the runtime does that.
 */
function standardInput(mode: WaitMode, pull: StdinPull): PlatformStream {
  const endpoint = endpointOf(0);
  const { filetype, isTerminal, isOpen } = endpoint;
  const neverWaits = !isOpen || filetype === Filetype.REGULAR_FILE || filetype === Filetype.DIRECTORY ||
    (filetype === Filetype.CHARACTER_DEVICE && !isTerminal);
  if (neverWaits) return direct(endpoint);
  if (mode === "block") return reopenedInput(endpoint) ?? direct(endpoint);
  return new AsyncInput({
    filetype,
    isTerminal,
    fstat: (out) => fstatInto(0, out),
    pull: pull(filetype, isTerminal),
  });
}

/** A descriptor of our own for the same pipe or terminal, which may be non-blocking; only Linux has such. */
function reopenedInput({ filetype, isTerminal }: Endpoint): PlatformStream | undefined {
  const fd = reopenNonBlocking();
  return fd === undefined ? undefined : new StandardDevice(NODE_DEVICE_CALLS, { fd, filetype, isTerminal });
}

/** Open standard input once more, with O_NONBLOCK, and only for this process. */
export function reopenNonBlocking(): number | undefined {
  try {
    return fs.openSync("/proc/self/fd/0", fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/**
 * The standard streams, made when first asked for.
 *
 * @param pull How the runtime reads standard input by promises.
 */
export function nodeStdio(pull: StdinPull): (mode: WaitMode) => PlatformStdio {
  const inputs = new Map<WaitMode, PlatformStream>();
  const outputs = new Map<number, PlatformStream>();

  function output(fd: number): PlatformStream {
    let stream = outputs.get(fd);
    if (stream === undefined) outputs.set(fd, stream = direct(endpointOf(fd)));
    return stream;
  }

  function input(mode: WaitMode): PlatformStream {
    let stream = inputs.get(mode);
    if (stream === undefined) inputs.set(mode, stream = standardInput(mode, pull));
    return stream;
  }

  return (mode) => ({
    get stdin(): PlatformStream {
      return input(mode);
    },
    get stdout(): PlatformStream {
      return output(1);
    },
    get stderr(): PlatformStream {
      return output(2);
    },
  });
}
