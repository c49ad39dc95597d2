/** Unix datagram sockets. No runtime has them: they are those of the posix platform, where there is an FFI. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type PlatformNetwork, SocketType } from "../../../contract/network.ts";
import { mayCallForeign } from "../foreign_calls.ts";
import { posixNetwork } from "../../posix/net/network.ts";
import { openSyscalls } from "../../posix/open_syscalls.ts";

/**
 * A network of the runtime, with unix datagram sockets.
 *
 * @param network All the rest.
 */
export function withUnixDatagrams(network: PlatformNetwork): PlatformNetwork {
  let datagrams: PlatformNetwork | undefined;
  return {
    ...network,
    socket(family, type, wake) {
      if (family !== Family.UNIX || type !== SocketType.DGRAM) return network.socket(family, type, wake);
      if (!mayCallForeign()) return -Errno.PROTONOSUPPORT;
      try {
        datagrams ??= posixNetwork(openSyscalls(), "suspend");
      } catch {
        // No FFI, or a system for which its calls have not been written.
        return -Errno.PROTONOSUPPORT;
      }
      return datagrams.socket(family, type, wake);
    },
  };
}
