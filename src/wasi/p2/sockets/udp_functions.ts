/** `wasi:sockets/udp`: sockets, and `subscribe` of their streams. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { addressFunctions } from "./address_functions.ts";
import { socketAddressOf, type SocketAddressValue } from "./address_values.ts";
import { datagramFunctions } from "./datagram_functions.ts";
import { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram_streams.ts";
import {
  doneValue,
  failureValue,
  fallible,
  type GuestSockets,
  guestSockets,
  subscribeFunction,
  valueFunction,
} from "./guest_sockets.ts";
import { waitingMethod } from "./lowered.ts";
import { optionFunctions } from "./option_functions.ts";
import { SOCKET_ADDRESS_TYPE } from "./types.ts";
import type { UdpSocket } from "./udp_socket.ts";

const SELF = "self: borrow<udp-socket>";

/** The interface `wasi:sockets/udp@0.2`. */
export function udpInterface(host: WasiHost): HostInterface {
  const sockets = host.shared(guestSockets);
  const { networkType: network, udpSocket, incoming, outgoing, io } = sockets;
  const methods = { ...bindMethods(sockets), ...stateMethods() };
  return {
    functions: {
      ...Object.fromEntries(Object.entries(methods).map(([name, method]) => [`[method]udp-socket.${name}`, method])),
      "[method]udp-socket.subscribe": subscribeFunction(udpSocket, io),
      "[method]incoming-datagram-stream.subscribe": subscribeFunction(incoming, io),
      "[method]outgoing-datagram-stream.subscribe": subscribeFunction(outgoing, io),
      ...datagramFunctions(sockets),
    },
    resources: {
      network,
      "udp-socket": udpSocket,
      "incoming-datagram-stream": incoming,
      "outgoing-datagram-stream": outgoing,
      pollable: io.pollable,
    },
  };
}

function bindMethods({ udpSocket: self, io }: GuestSockets): Record<string, HostFunction> {
  return {
    "start-bind": valueFunction(
      () => fallible(`${SELF}, network: borrow<network>, local-address: ${SOCKET_ADDRESS_TYPE}`),
      ([socket, , address]) =>
        doneValue((socket as UdpSocket).startBind(socketAddressOf(address as SocketAddressValue))),
    ),
    "finish-bind": {
      get type(): string {
        return fallible(SELF);
      },
      attempt: waitingMethod(io, { self, size: 2, payload: 1, run: (_cx, socket) => socket.finishBind() }),
    },
    stream: valueFunction(
      () =>
        fallible(
          `${SELF}, remote-address: option<${SOCKET_ADDRESS_TYPE}>`,
          "tuple<own<incoming-datagram-stream>, own<outgoing-datagram-stream>>",
        ),
      ([socket, address]) => stream(socket as UdpSocket, address as SocketAddressValue | undefined),
    ),
  };
}

function stream(socket: UdpSocket, address: SocketAddressValue | undefined): unknown {
  const result = socket.stream(address === undefined ? undefined : socketAddressOf(address));
  if (result < 0) return failureValue(result);
  return { tag: "ok", val: [new IncomingDatagramStream(socket), new OutgoingDatagramStream(socket)] };
}

function stateMethods(): Record<string, HostFunction> {
  return {
    ...addressFunctions(SELF),
    ...optionFunctions(SELF, {
      "unicast-hop-limit": { option: "hopLimit", kind: "u8" },
      "receive-buffer-size": { option: "receiveBufferSize", kind: "u64" },
      "send-buffer-size": { option: "sendBufferSize", kind: "u64" },
    }),
  };
}
