/** A connection that fails before the runtime is asked. */

import { Errno } from "../witx/errno.ts";
import { Family } from "../core/network.ts";
import type { ConnectionEvents, ConnectionHandle } from "../core/socket/driver.ts";
import { unspecifiedAddress } from "../core/socket/address.ts";

/** Tell of the failure, and make a handle that does nothing. */
export function refusedConnection(errno: Errno, events: ConnectionEvents): ConnectionHandle {
  events.failed(errno);
  return NEVER_OPEN;
}

const nothing = (): void => {};

const NEVER_OPEN: ConnectionHandle = {
  localAddress: () => unspecifiedAddress(Family.UNIX),
  peerAddress: () => unspecifiedAddress(Family.UNIX),
  write: () => -Errno.PIPE,
  shutdown: nothing,
  pause: nothing,
  resume: nothing,
  setOption: () => -Errno.NOPROTOOPT,
  getOption: () => -Errno.NOPROTOOPT,
  close: nothing,
  reset: nothing,
};
