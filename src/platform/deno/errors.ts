/** Errors of Deno's network as errno. */

import { Errno } from "../../witx/errno.ts";
import { errnoFromError } from "../shared/errors.ts";
import { type Failure, resultFromErrno } from "../../contract/results.ts";

/** Classes of errors that carry no code when they come from the network, or whose code says less. */
const CLASSES: Readonly<Record<string, Errno>> = {
  AddrInUse: Errno.ADDRINUSE,
  AddrNotAvailable: Errno.ADDRNOTAVAIL,
  ConnectionAborted: Errno.CONNABORTED,
  ConnectionRefused: Errno.CONNREFUSED,
  ConnectionReset: Errno.CONNRESET,
  HostUnreachable: Errno.HOSTUNREACH,
  NetworkUnreachable: Errno.NETUNREACH,
  NotConnected: Errno.NOTCONN,
  AbortError: Errno.CANCELED,
};

/**
 * An error of Deno's network as errno.
 *
 * @param error What a call threw, or a promise was rejected with.
 */
export function networkErrno(error: unknown): Errno {
  const { name } = error as { name?: unknown };
  return typeof name === "string" && Object.hasOwn(CLASSES, name) ? CLASSES[name]! : errnoFromError(error);
}

/** The result for an error of Deno's network: minus {@linkcode networkErrno}. */
export function networkFailure(error: unknown): Failure {
  return resultFromErrno(networkErrno(error));
}
