/** `wasi:sockets`: the network, the making of sockets, and lookups of names. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import { trap } from "../../../component/link/trap.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import type { IoError } from "../io/io_error.ts";
import { codeOf, ERROR_NAMES, ErrorCode, failure, type SocketFailure, socketFailure } from "./error_code.ts";
import {
  fallible,
  type GuestSockets,
  guestSockets,
  NetworkHandle,
  objectValue,
  subscribeFunction,
  valueFunction,
} from "./guest_sockets.ts";
import { storeFailure, storeIpAddress, waitingMethod } from "./lowered.ts";
import { ResolveAddressStream } from "./resolve_address_stream.ts";
import type { SocketScope } from "./shared_socket.ts";
import { TcpSocket } from "./tcp_socket.ts";
import { errorCodeType, FAMILY_TYPE, IP_ADDRESS_TYPE } from "./types.ts";
import { UdpSocket } from "./udp_socket.ts";

/** The interface `wasi:sockets/network@0.2`. */
export function networkInterface(host: WasiHost): HostInterface {
  const { networkType: network, io } = host.shared(guestSockets);
  const networkErrorCode = valueFunction(
    () => `func(err: borrow<error>) -> option<${errorCodeType()}>`,
    ([error]) => errorCodeOf(error as IoError),
  );
  return { functions: { "network-error-code": networkErrorCode }, resources: { network, error: io.error } };
}

function errorCodeOf({ errno, origin }: IoError): string | undefined {
  return origin === "sockets" ? ERROR_NAMES[codeOf(socketFailure(-errno))] : undefined;
}

/** The interface `wasi:sockets/instance-network@0.2`. */
export function instanceNetworkInterface(host: WasiHost): HostInterface {
  const { networkType: network } = host.shared(guestSockets);
  const instanceNetwork = valueFunction(() => "func() -> own<network>", () => new NetworkHandle());
  return { functions: { "instance-network": instanceNetwork }, resources: { network } };
}

/** The interface `wasi:sockets/tcp-create-socket@0.2`. */
export function tcpCreateSocketInterface(host: WasiHost): HostInterface {
  const sockets = host.shared(guestSockets);
  const { networkType: network, tcpSocket } = sockets;
  return {
    functions: { "create-tcp-socket": creation(sockets, tcpSocket, TcpSocket) },
    resources: { network, "tcp-socket": tcpSocket },
  };
}

/** The interface `wasi:sockets/udp-create-socket@0.2`. */
export function udpCreateSocketInterface(host: WasiHost): HostInterface {
  const sockets = host.shared(guestSockets);
  const { networkType: network, udpSocket } = sockets;
  return {
    functions: { "create-udp-socket": creation(sockets, udpSocket, UdpSocket) },
    resources: { network, "udp-socket": udpSocket },
  };
}

/** Sizes and offsets of `result<own<…>, error-code>`. */
const MADE_BYTES = 8;
const MADE_PAYLOAD = 4;

/** What makes sockets of a kind. */
interface SocketKind<Made> {
  create(scope: SocketScope, family: Family): Made | SocketFailure;
}

function creation<Made extends object>(
  sockets: GuestSockets,
  type: ResourceType<Made>,
  kind: SocketKind<Made>,
): HostFunction {
  return {
    get type(): string {
      return fallible(`address-family: ${FAMILY_TYPE}`, `own<${type.name}>`);
    },
    lower: (cx) => (family: number, result: number): void => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, MADE_BYTES, MADE_PAYLOAD);
      if (family !== 0 && family !== 1) trap("invalid enum discriminant");
      const socket = make(sockets, cx, kind, family === 0 ? Family.INET : Family.INET6);
      if (typeof socket === "number") return storeFailure(cx, at, MADE_PAYLOAD, socket);
      cx.bytes[at] = 0;
      cx.view.setUint32(at + MADE_PAYLOAD, cx.addHandle(type, socket), true);
    },
  };
}

function make<Made>(
  sockets: GuestSockets,
  cx: CallContext,
  kind: SocketKind<Made>,
  family: Family,
): Made | SocketFailure {
  const scope = sockets.scopeFor("connect", "*");
  if (typeof scope === "number") return scope;
  return cx.instance.handles.hasRoom(1) ? kind.create(scope, family) : failure(ErrorCode.NEW_SOCKET_LIMIT);
}

/** Bytes of `result<option<ip-address>, error-code>`, the offset of its payload, and that of the address. */
const RESOLVED_BYTES = 22;
const RESOLVED_PAYLOAD = 2;
const RESOLVED_ADDRESS = 4;

/** The interface `wasi:sockets/ip-name-lookup@0.2`. */
export function ipNameLookupInterface(host: WasiHost): HostInterface {
  const sockets = host.shared(guestSockets);
  const { networkType: network, resolveAddressStream: self, io } = sockets;
  const resolveAddresses = valueFunction(
    () => fallible("network: borrow<network>, name: string", "own<resolve-address-stream>"),
    ([, name]) => objectValue(startLookup(sockets, name as string), (stream) => stream),
  );
  const resolveNextAddress: HostFunction = {
    get type(): string {
      return fallible("self: borrow<resolve-address-stream>", `option<${IP_ADDRESS_TYPE}>`);
    },
    attempt: waitingMethod(io, {
      self,
      size: RESOLVED_BYTES,
      payload: RESOLVED_PAYLOAD,
      run(cx, stream, at): number {
        const address: SocketAddress | number | undefined = stream.next();
        if (typeof address === "number") return address;
        cx.bytes[at + RESOLVED_PAYLOAD] = address === undefined ? 0 : 1;
        if (address !== undefined) storeIpAddress(cx, at + RESOLVED_ADDRESS, address);
        return 0;
      },
    }),
  };
  return {
    functions: {
      "resolve-addresses": resolveAddresses,
      "[method]resolve-address-stream.resolve-next-address": resolveNextAddress,
      "[method]resolve-address-stream.subscribe": subscribeFunction(self, io),
    },
    resources: { network, "resolve-address-stream": self, pollable: io.pollable },
  };
}

function startLookup(sockets: GuestSockets, name: string): ResolveAddressStream | SocketFailure {
  const scope = sockets.scopeFor("lookup", name);
  return typeof scope === "number" ? scope : ResolveAddressStream.start(scope, name);
}
