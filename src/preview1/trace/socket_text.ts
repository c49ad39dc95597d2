/** Addresses and options of sockets. */

import { addressText, ipText } from "../../contract/address.ts";
import { errnoName } from "../../witx/errno.ts";
import { AddressCodec } from "../abi/socket_address.ts";
import { optionOf, optionSize, readOption } from "../abi/socket_options.ts";
import { Family, LINGER_OFF, type SocketAddress, SocketOption, SocketType } from "../../contract/network.ts";
import type { CallArguments } from "./call_arguments.ts";
import { nameText } from "./flag_text.ts";
import { listText, quoted } from "./string_text.ts";

/** Addresses of a name that are shown. */
const MAX_ADDRESSES = 16;

/** `127.0.0.1:80`, `[::1]:80`, `"unix:/path"`. */
export function endpointText(address: SocketAddress): string {
  const text = addressText(address);
  return address.family === Family.UNIX ? quoted(text) : text;
}

/** The value of an option. */
export function optionText(option: SocketOption, value: number): string {
  if (option === SocketOption.ERROR) return value === 0 ? "0" : errnoName(value);
  if (option === SocketOption.TYPE) return nameText(SocketType, value);
  return option === SocketOption.LINGER && value === LINGER_OFF ? "off" : String(value);
}

/** An address that the guest passes, with its port. */
export function passedAddressText(args: CallArguments, at: number): string | undefined {
  const address = new AddressCodec(args.abi.memory).read(args.u32(at), args.named("port") ?? 0);
  return typeof address === "number" ? undefined : endpointText(address);
}

/** Nothing, but keeps what is in the buffer for an address. */
export function keepAddressBuffer(args: CallArguments, at: number): string {
  const buffer = new AddressCodec(args.abi.memory).buffer(args.u32(at));
  if (typeof buffer !== "number") args.kept.buffer = buffer.slice();
  return "";
}

/** An address that the call has stored, with its port if the call has stored one. A stream has no sender. */
export function storedAddressText(args: CallArguments, at: number): string {
  const codec = new AddressCodec(args.abi.memory);
  const buffer = codec.buffer(args.u32(at));
  const port = args.result("port");
  if (typeof buffer === "number") return "";
  if (buffer.length > 16) {
    const address = codec.read(args.u32(at), port ?? 0);
    return typeof address === "number" ? "" : endpointText(address);
  }
  const bytes = narrowBytes(buffer, args.kept.buffer);
  if (port === undefined) return ipText(bytes);
  return port === 0 && args.signature.params.some(({ type }) => type === "iovecs") ? "" : endpointText({
    family: bytes.length === 4 ? Family.INET : Family.INET6,
    host: ipText(bytes),
    port,
  });
}

/** 16 bytes may hold an IPv4 address: then the call has left the last twelve as they were. */
function narrowBytes(buffer: Uint8Array, before: Uint8Array | undefined): Uint8Array {
  const isShort = buffer.subarray(4).every((byte, i) => byte === before?.[4 + i]);
  return isShort ? buffer.subarray(0, 4) : buffer;
}

/** The name of the option that `level` and the argument behind it mean. */
export function optionNameText(args: CallArguments, at: number): string | undefined {
  const option = optionOf(args.u32(at), args.u32(at + 1));
  return option === undefined ? undefined : nameText(SocketOption, option);
}

/** The value of an option in memory. */
export function optionValueText(args: CallArguments, at: number): string | undefined {
  const option = optionOf(args.u32(at - 2), args.u32(at - 1));
  if (option === undefined) return undefined;
  const size = optionSize(option);
  const ptr = args.u32(at);
  const value = args.bytes(ptr, size) === undefined ? NaN : readOption(args.abi.memory, ptr, size, option);
  return Number.isNaN(value) ? undefined : optionText(option, value);
}

/** The list that `sock_getaddrinfo` has filled: `[127.0.0.1:80, [::1]:80]`. */
export function addressInfosText(args: CallArguments, at: number): string {
  const { view } = args.abi.memory;
  const count = args.result("res_len") ?? 0;
  let entry = view.getUint32(args.u32(at), true);
  return listText(count, MAX_ADDRESSES, () => {
    const isInet = view.getUint8(entry + 2) === Family.INET;
    const data = view.getUint32(view.getUint32(entry + 12, true) + 8, true);
    entry = view.getUint32(entry + 24, true);
    const host = ipText(args.abi.memory.bytes.slice(data + 2, data + (isInet ? 6 : 18)));
    return endpointText({ family: isInet ? Family.INET : Family.INET6, host, port: view.getUint16(data) });
  });
}
