/** A row of the descriptor table. */

import type { Pollable } from "../contract/pollable.ts";
import type { OpenDirectory } from "../core/fs/directory.ts";
import type { OpenFile } from "../core/fs/file.ts";
import type { OpenStream } from "../core/io/stream.ts";
import type { OpenSocket } from "../core/net/socket.ts";

/** What a descriptor can refer to, discriminated by `kind`. */
export type OpenObject = OpenFile | OpenDirectory | OpenStream | OpenSocket;

/** A row of the descriptor table. */
export interface Descriptor {
  /** The open object. */
  object: OpenObject;
  /** `Fdflags` as the guest set them. */
  flags: number;
  /** Rights of the descriptor; FD_READ and FD_WRITE are its access. */
  rightsBase: number;
  /** Rights that descriptors opened through it may have. */
  rightsInheriting: number;
  /** Encoded name of a preopen, empty for a socket; undefined if it is not a preopen. */
  preopenName: Uint8Array | undefined;
  /**
   * True for the guest's standard error, which never fails (RATIONALE "Why do writes to standard error never fail?").
   */
  unfailing: boolean;
  /** True if a broken pipe ends the guest as by SIGPIPE. */
  raisesPipe: boolean;
}

/** What to wait for; undefined if no operation on the object ever waits. */
export function pollableOf(object: OpenObject): Pollable | undefined {
  return object.kind === "stream" || object.kind === "socket" ? object.pollable : undefined;
}

/** Bytes that can be read at once, as far as known. */
export function readableBytesOf(object: OpenObject): number {
  return object.kind === "directory" ? 0 : object.readableBytes();
}

/** True for a terminal. */
export function isTerminal(object: OpenObject): boolean {
  return object.kind === "stream" && object.isTerminal;
}

/**
 * Makes a descriptor that is neither a preopen nor a standard stream.
 *
 * @param object What is open.
 * @param flags `Fdflags`.
 * @param rightsBase Its rights.
 * @param rightsInheriting Rights that descriptors opened through it may have.
 */
export function newDescriptor(
  object: OpenObject,
  flags: number,
  rightsBase: number,
  rightsInheriting: number,
): Descriptor {
  return {
    object,
    flags,
    rightsBase,
    rightsInheriting,
    preopenName: undefined,
    unfailing: false,
    raisesPipe: false,
  };
}
