/** Unix datagram sockets. No runtime has them: they are those of the posix platform, where there is an FFI. */

import { Errno } from "../witx/errno.ts";
import { Family, type PlatformNetwork, SocketType } from "../core/network.ts";
import { posixNetwork } from "./posix/network.ts";
import { openHost } from "./posix/open_host.ts";

/**
 * A network of the runtime, with unix datagram sockets.
 *
 * @param network All the rest.
 * @param mayCall True if the FFI may be used without asking the user for it.
 */
export function withUnixDatagrams(network: PlatformNetwork, mayCall: () => boolean): PlatformNetwork {
  let datagrams: PlatformNetwork | undefined;
  return {
    ...network,
    socket(family, type, wake) {
      if (family !== Family.UNIX || type !== SocketType.DGRAM) return network.socket(family, type, wake);
      if (!mayCall()) return Errno.PROTONOSUPPORT;
      try {
        datagrams ??= posixNetwork(openHost(), true);
      } catch {
        // No FFI, or a system for which its calls have not been written.
        return Errno.PROTONOSUPPORT;
      }
      return datagrams.socket(family, type, wake);
    },
  };
}
