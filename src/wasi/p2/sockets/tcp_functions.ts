/** `wasi:sockets/tcp`: the methods of `tcp-socket`. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import { Shutdown, type SocketAddress } from "../../../contract/network.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { addressFunctions } from "./address_functions.ts";
import { socketAddressOf, type SocketAddressValue } from "./address_values.ts";
import {
  doneValue,
  fallible,
  type GuestSockets,
  guestSockets,
  subscribeFunction,
  valueFunction,
} from "./guest_sockets.ts";
import { waitingMethod } from "./lowered.ts";
import { ErrorCode, failure, type SocketFailure } from "./error_code.ts";
import { optionFunctions } from "./option_functions.ts";
import type { TcpSocket } from "./tcp_socket.ts";
import { SHUTDOWN_TYPE, SOCKET_ADDRESS_TYPE } from "./types.ts";

const SELF = "self: borrow<tcp-socket>";

const SHUTDOWNS: Readonly<Record<string, number>> = {
  receive: Shutdown.RD,
  send: Shutdown.WR,
  both: Shutdown.RD | Shutdown.WR,
};

/** The interface `wasi:sockets/tcp@0.2`. */
export function tcpInterface(host: WasiHost): HostInterface {
  const sockets = host.shared(guestSockets);
  const { networkType: network, tcpSocket, io } = sockets;
  const methods = { ...openingMethods(sockets), ...stateMethods(), ...optionMethods() };
  return {
    functions: {
      ...Object.fromEntries(Object.entries(methods).map(([name, method]) => [`[method]tcp-socket.${name}`, method])),
      "[method]tcp-socket.subscribe": subscribeFunction(tcpSocket, io),
    },
    resources: {
      network,
      "tcp-socket": tcpSocket,
      "input-stream": io.inputStream,
      "output-stream": io.outputStream,
      pollable: io.pollable,
    },
  };
}

/** Bytes of `result<_, error-code>`, and of one with a tuple of handles. */
const PLAIN = { size: 2, payload: 1 };
const TWO_HANDLES = { size: 12, payload: 4 };
const THREE_HANDLES = { size: 16, payload: 4 };

const SOCKET_LIMIT: SocketFailure = failure(ErrorCode.NEW_SOCKET_LIMIT);

function openingMethods(sockets: GuestSockets): Record<string, HostFunction> {
  const { tcpSocket: self, io } = sockets;
  const finish = (run: (socket: TcpSocket) => number): HostFunction => ({
    get type(): string {
      return fallible(SELF);
    },
    attempt: waitingMethod(io, { self, ...PLAIN, run: (_cx, socket) => run(socket) }),
  });
  return {
    "start-bind": startFunction("local-address", (socket, address) => socket.startBind(address)),
    "finish-bind": finish((socket) => socket.finishBind()),
    "start-connect": startFunction("remote-address", (socket, address) => socket.startConnect(address)),
    "finish-connect": {
      get type(): string {
        return fallible(SELF, "tuple<own<input-stream>, own<output-stream>>");
      },
      attempt: waitingMethod(io, {
        self,
        ...TWO_HANDLES,
        run: (cx, socket, at) => finishConnect(sockets, cx, socket, at),
      }),
    },
    "start-listen": valueFunction(() => fallible(SELF), ([socket]) => doneValue((socket as TcpSocket).startListen())),
    "finish-listen": finish((socket) => socket.finishListen()),
    accept: {
      get type(): string {
        return fallible(SELF, "tuple<own<tcp-socket>, own<input-stream>, own<output-stream>>");
      },
      attempt: waitingMethod(io, { self, ...THREE_HANDLES, run: (cx, socket, at) => accept(sockets, cx, socket, at) }),
    },
  };
}

function startFunction(parameter: string, start: (socket: TcpSocket, address: SocketAddress) => number): HostFunction {
  return valueFunction(
    () => fallible(`${SELF}, network: borrow<network>, ${parameter}: ${SOCKET_ADDRESS_TYPE}`),
    ([socket, , address]) => doneValue(start(socket as TcpSocket, socketAddressOf(address as SocketAddressValue))),
  );
}

function finishConnect(sockets: GuestSockets, cx: CallContext, socket: TcpSocket, at: number): number {
  if (!cx.instance.handles.hasRoom(2)) return SOCKET_LIMIT;
  const result = socket.finishConnect();
  if (result === 0) storeStreams(sockets, cx, socket, at + 4);
  return result;
}

function accept(sockets: GuestSockets, cx: CallContext, listener: TcpSocket, at: number): number {
  // The connection waits until there is room.
  if (listener.isListening && !cx.instance.handles.hasRoom(3)) return SOCKET_LIMIT;
  const socket = listener.accept();
  if (typeof socket === "number") return socket;
  cx.view.setUint32(at + 4, cx.addHandle(sockets.tcpSocket, socket), true);
  storeStreams(sockets, cx, socket, at + 8);
  return 0;
}

function storeStreams({ io }: GuestSockets, cx: CallContext, socket: TcpSocket, at: number): void {
  const { input, output } = socket.openStreams(io);
  cx.view.setUint32(at, cx.addHandle(io.inputStream, input), true);
  cx.view.setUint32(at + 4, cx.addHandle(io.outputStream, output), true);
}

function stateMethods(): Record<string, HostFunction> {
  return {
    ...addressFunctions(SELF),
    "is-listening": valueFunction(() => `func(${SELF}) -> bool`, ([socket]) => (socket as TcpSocket).isListening),
    shutdown: valueFunction(
      () => fallible(`${SELF}, shutdown-type: ${SHUTDOWN_TYPE}`),
      ([socket, how]) => doneValue((socket as TcpSocket).shutdown(SHUTDOWNS[how as string]!)),
    ),
  };
}

function optionMethods(): Record<string, HostFunction> {
  return {
    "set-listen-backlog-size": valueFunction(
      () => fallible(`${SELF}, value: u64`),
      ([socket, value]) => doneValue((socket as TcpSocket).setListenBacklogSize(Number(value))),
    ),
    "keep-alive-enabled": valueFunction(
      () => fallible(SELF, "bool"),
      ([socket]) => ({ tag: "ok", val: (socket as TcpSocket).keepAliveEnabled() === 1 }),
    ),
    "set-keep-alive-enabled": valueFunction(
      () => fallible(`${SELF}, value: bool`),
      ([socket, value]) => doneValue((socket as TcpSocket).setKeepAliveEnabled(value as boolean)),
    ),
    ...optionFunctions(SELF, {
      "keep-alive-idle-time": { option: "keepAliveIdleTime", kind: "duration" },
      "keep-alive-interval": { option: "keepAliveInterval", kind: "duration" },
      "keep-alive-count": { option: "keepAliveCount", kind: "u32" },
      "hop-limit": { option: "hopLimit", kind: "u8" },
      "receive-buffer-size": { option: "receiveBufferSize", kind: "u64" },
      "send-buffer-size": { option: "sendBufferSize", kind: "u64" },
    }),
  };
}
