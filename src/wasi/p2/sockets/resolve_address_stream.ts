/** Lookups of names: `resolve-address-stream`. */

import { parseIp } from "../../../contract/address.ts";
import type { SocketAddress } from "../../../contract/network.ts";
import { Interest, type Pollable } from "../../../contract/pollable.ts";
import type { GuestLookup } from "../../../core/net/guest_lookup.ts";
import { canonicalName } from "../../../core/net/policy/rules.ts";
import { Errno } from "../../../witx/errno.ts";
import type { OpenFiles } from "../../open_files.ts";
import type { PollTarget } from "../io/pollable.ts";
import { ErrorCode, failure, lookupFailure, type SocketFailure } from "./error_code.ts";
import type { SocketScope } from "./shared_socket.ts";

/** An IPv6 address in brackets, as in a URL. */
const BRACKETED = /^\[([^[\]]*)\]$/;

/**
 * The name as DNS has it.
 *
 * @param name From the guest: a host name, also in Unicode, or an IP address; one of IPv6 may be in brackets.
 * @returns The name in ASCII, or the address; undefined if it is neither.
 */
function lookupName(name: string): string | undefined {
  if (parseIp(name) !== undefined) return name.includes("%") ? undefined : name;
  const bracketed = BRACKETED.exec(name)?.[1];
  if (bracketed !== undefined) return bracketed.includes(":") ? lookupName(bracketed) : undefined;
  const ascii = /^[\0-\x7f]*$/.test(name) ? name : toAscii(name);
  return ascii === undefined || canonicalName(ascii) === undefined ? undefined : ascii;
}

/** IDNA, as every runtime's URL does it. What has a meaning in a URL is no part of a name. */
function toAscii(name: string): string | undefined {
  if (/[\s/?#@:\\%[\]<>^|]/.test(name)) return undefined;
  try {
    return new URL(`http://${name}/`).hostname;
  } catch {
    return undefined;
  }
}

/** The addresses of a name, one by one. */
export class ResolveAddressStream implements PollTarget {
  readonly interest: number = Interest.READ;
  readonly #lookup: GuestLookup;
  readonly #files: OpenFiles;
  #isClosed = false;
  #found: readonly SocketAddress[] | SocketFailure | undefined;
  #next = 0;

  /**
   * @param lookup The lookup, which becomes the property of this object.
   * @param files Where it is counted already.
   */
  constructor(lookup: GuestLookup, files: OpenFiles) {
    this.#lookup = lookup;
    this.#files = files;
  }

  /**
   * Start a lookup. Failures: `invalid-argument`, `access-denied`; `out-of-memory` beyond the limit on what the guest has open,
   * because the host does each with a thread or a socket.
   */
  static start({ network, files }: SocketScope, name: string): ResolveAddressStream | SocketFailure {
    const ascii = lookupName(name);
    if (ascii === undefined) return failure(ErrorCode.INVALID_ARGUMENT);
    if (!files.take()) return failure(ErrorCode.OUT_OF_MEMORY);
    const lookup = network.startLookup(ascii, 0);
    if (typeof lookup !== "number") return new ResolveAddressStream(lookup, files);
    files.release();
    return lookupFailure(lookup);
  }

  /**
   * The next address.
   *
   * @returns Undefined after the last one; or a failure: `would-block`, `name-unresolvable`, `temporary-resolver-failure`,
   * `permanent-resolver-failure`, `access-denied`.
   */
  next(): SocketAddress | undefined | SocketFailure {
    if (this.#found === undefined) {
      const found = this.#lookup.finish();
      if (found === -Errno.INPROGRESS) return lookupFailure(found);
      this.#found = typeof found === "number" ? lookupFailure(found) : found;
    }
    return typeof this.#found === "number" ? this.#found : this.#found[this.#next++];
  }

  awaited(): Pollable | undefined {
    return this.#isClosed || this.#lookup.isOver ? undefined : this.#lookup.pollable;
  }

  /** The guest has dropped it: a lookup in progress is cancelled. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#files.release();
    this.#lookup.cancel();
  }
}
