/** A connection that fails before the runtime is asked. */

import { Errno } from "../../../witx/errno.ts";
import { Family } from "../../../contract/network.ts";
import type { ConnectionEvents, ConnectionHandle } from "../../../core/net/events/driver.ts";
import { unspecifiedAddress } from "../../../contract/address.ts";

/** Reports the failure, and returns a handle that does nothing. */
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
  close: nothing,
  reset: nothing,
};
