/** The interfaces of `wasi:sockets`. */

import type { InterfaceFactories } from "../host.ts";
import {
  instanceNetworkInterface,
  ipNameLookupInterface,
  networkInterface,
  tcpCreateSocketInterface,
  udpCreateSocketInterface,
} from "./sockets/network_functions.ts";
import { tcpInterface } from "./sockets/tcp_functions.ts";
import { udpInterface } from "./sockets/udp_functions.ts";

/** What serves each interface. */
export const SOCKET_INTERFACES: InterfaceFactories = {
  "wasi:sockets/instance-network@0.2": instanceNetworkInterface,
  "wasi:sockets/ip-name-lookup@0.2": ipNameLookupInterface,
  "wasi:sockets/network@0.2": networkInterface,
  "wasi:sockets/tcp@0.2": tcpInterface,
  "wasi:sockets/tcp-create-socket@0.2": tcpCreateSocketInterface,
  "wasi:sockets/udp@0.2": udpInterface,
  "wasi:sockets/udp-create-socket@0.2": udpCreateSocketInterface,
};
