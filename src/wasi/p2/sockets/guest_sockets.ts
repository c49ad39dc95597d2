/** What the interfaces of wasi:sockets share, for one guest. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import { ResourceType } from "../../../component/link/resource_type.ts";
import type { RefusedAction } from "../../../core/net/guest_network.ts";
import type { WasiHost } from "../../host.ts";
import { openFiles } from "../../open_files.ts";
import { type GuestIo, guestIo } from "../io/guest_io.ts";
import type { PollTarget } from "../io/pollable.ts";
import type { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram_streams.ts";
import { codeOf, ERROR_NAMES, ErrorCode, failure, type SocketFailure } from "./error_code.ts";
import type { ResolveAddressStream } from "./resolve_address_stream.ts";
import type { SocketScope } from "./shared_socket.ts";
import type { TcpSocket } from "./tcp_socket.ts";
import { errorCodeType } from "./types.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** The network as a guest holds it: there is one, and all handles stand for it. */
export class NetworkHandle {}

/** Resource types of `wasi:sockets`: `host.shared(guestSockets)`. */
export function guestSockets(host: WasiHost): GuestSockets {
  return new GuestSockets(host);
}

/** Resource types of `wasi:sockets`, and the network of the guest. */
export class GuestSockets {
  readonly networkType: ResourceType<NetworkHandle> = new ResourceType("network");
  readonly tcpSocket: ResourceType<TcpSocket> = new ResourceType("tcp-socket", (socket) => socket.close());
  readonly udpSocket: ResourceType<UdpSocket> = new ResourceType("udp-socket", (socket) => socket.close());
  readonly incoming: ResourceType<IncomingDatagramStream> = new ResourceType(
    "incoming-datagram-stream",
    (stream) => stream.close(),
  );
  readonly outgoing: ResourceType<OutgoingDatagramStream> = new ResourceType(
    "outgoing-datagram-stream",
    (stream) => stream.close(),
  );
  readonly resolveAddressStream: ResourceType<ResolveAddressStream> = new ResourceType(
    "resolve-address-stream",
    (stream) => stream.close(),
  );
  /** Streams, pollables and errors. */
  readonly io: GuestIo;
  readonly #host: WasiHost;
  #scope: SocketScope | undefined;

  /** @param host What interfaces share. */
  constructor(host: WasiHost) {
    this.#host = host;
    this.io = host.shared(guestIo);
  }

  /** The network and its sockets, or `access-denied` for a guest without one: the first refusal says so to the host. */
  scopeFor(action: RefusedAction, target: string): SocketScope | SocketFailure {
    const { network, onRefused } = this.#host.guest;
    if (network !== undefined) return this.#scope ??= { network, files: this.#host.shared(openFiles) };
    onRefused?.(action, target);
    return failure(ErrorCode.ACCESS_DENIED);
  }
}

/** A `result` with an `error-code`, of the JS conventions. */
export type ResultValue =
  | { readonly tag: "ok"; readonly val?: unknown }
  | { readonly tag: "err"; readonly val: string };

/** A failure as a `result`. */
export function failureValue(failed: SocketFailure): ResultValue {
  return { tag: "err", val: ERROR_NAMES[codeOf(failed)]! };
}

/** A call's 0, or failure, as a `result` without a value. */
export function doneValue(result: number): ResultValue {
  return result < 0 ? failureValue(result) : { tag: "ok", val: undefined };
}

/** An object, or failure, as a `result`. */
export function objectValue<T extends object>(result: T | SocketFailure, valueOf: (object: T) => unknown): ResultValue {
  return typeof result === "number" ? failureValue(result) : { tag: "ok", val: valueOf(result) };
}

/** The text of a function's type whose result is `result<VALUE, error-code>`. */
export function fallible(parameters: string, value: string = "_"): string {
  return `func(${parameters}) -> result<${value}, ${errorCodeType()}>`;
}

/** A function of JS values; its type is written when it is first asked for. */
export function valueFunction(type: () => string, call: (args: readonly unknown[]) => unknown): HostFunction {
  return {
    get type(): string {
      return type();
    },
    call,
  };
}

/** `subscribe` of a resource that can be polled. */
export function subscribeFunction(self: ResourceType<never>, { pollable }: GuestIo): HostFunction {
  const type = self as unknown as ResourceType<PollTarget>;
  return {
    type: `func(self: borrow<${self.name}>) -> own<pollable>`,
    lower: (cx: CallContext) => (handle: number): number => {
      cx.enter();
      return cx.addHandle(pollable, cx.handle(handle, type));
    },
  };
}
