/**
 * All suites of wasi:sockets.
 *
 * @module
 */

import type { SocketBackend } from "../system/socket_systems.ts";
import { networkSuite } from "./network_suite.ts";
import { tcpStateSuite } from "./tcp_state_suite.ts";
import { tcpStreamSuite } from "./tcp_stream_suite.ts";
import { udpSuite } from "./udp_suite.ts";

/** The suites, over one network. */
export function socketSuites(name: string, backend: SocketBackend): void {
  tcpStateSuite(name, backend);
  tcpStreamSuite(name, backend);
  udpSuite(name, backend);
  networkSuite(name, backend);
}
