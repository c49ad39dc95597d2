/** Options that TCP and UDP sockets of WASI have, over those of the platform. */

import { type PlatformSocket, SocketOption } from "../../../contract/network.ts";
import { Errno } from "../../../witx/errno.ts";
import { ErrorCode, failure, socketFailure } from "./error_code.ts";

/** The value of an option, and the range that a system takes. */
interface OptionRule {
  readonly option: SocketOption;
  /** Larger values are cut to this. */
  readonly most: number;
  /** Reported where the platform knows no value, and the value that all systems begin with. */
  readonly otherwise: number;
  /** True if a platform without the option may ignore it: the WIT calls its value a hint, to be clamped. */
  readonly isHint: boolean;
}

/** Options with a value. Sizes are bytes, times are seconds. */
export type SocketOptionName =
  | "keepAliveIdleTime"
  | "keepAliveInterval"
  | "keepAliveCount"
  | "hopLimit"
  | "receiveBufferSize"
  | "sendBufferSize";

/** Source: wasi:sockets/tcp@0.2.12 and udp; the ranges are those of Linux. */
const SOCKET_OPTIONS: Readonly<Record<SocketOptionName, OptionRule>> = {
  keepAliveIdleTime: { option: SocketOption.KEEPIDLE, most: 32_767, otherwise: 7200, isHint: true },
  keepAliveInterval: { option: SocketOption.KEEPINTVL, most: 32_767, otherwise: 75, isHint: true },
  keepAliveCount: { option: SocketOption.KEEPCNT, most: 127, otherwise: 9, isHint: true },
  hopLimit: { option: SocketOption.HOPS, most: 255, otherwise: 64, isHint: false },
  receiveBufferSize: { option: SocketOption.RCVBUF, most: 0x3fff_ffff, otherwise: 64 * 1024, isHint: true },
  sendBufferSize: { option: SocketOption.SNDBUF, most: 0x3fff_ffff, otherwise: 64 * 1024, isHint: true },
};

/** The value of an option: 1 or more; or a failure. */
export function getSocketOption(socket: PlatformSocket, name: SocketOptionName): number {
  const { option, otherwise } = SOCKET_OPTIONS[name];
  const value = socket.getOption(option);
  if (value > 0) return value;
  return value === 0 || value === -Errno.NOPROTOOPT ? otherwise : socketFailure(value);
}

/**
 * Set an option. Values above the range are cut to it.
 *
 * @param value 0 is refused.
 * @returns 0, or a failure: `invalid-argument`, or `not-supported` where the platform does not have the option and it is
 * no hint.
 */
export function setSocketOption(socket: PlatformSocket, name: SocketOptionName, value: number): number {
  const { option, most, otherwise, isHint } = SOCKET_OPTIONS[name];
  if (value === 0) return failure(ErrorCode.INVALID_ARGUMENT);
  const result = socket.setOption(option, Math.min(value, most));
  if (result >= 0) return 0;
  const isHarmless = isHint || value === otherwise;
  return result === -Errno.NOPROTOOPT && isHarmless ? 0 : socketFailure(result);
}
