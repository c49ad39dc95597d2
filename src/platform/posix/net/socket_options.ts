/** Options of sockets as the system has them. */

import { Errno } from "../../../witx/errno.ts";
import { Family, LINGER_OFF, SocketOption, SocketType } from "../../../contract/network.ts";
import type { Libc } from "../ffi/libc.ts";
import type { SocketSyscalls } from "./socket_syscalls.ts";
import type { Target } from "../target/target.ts";

/** An option that is an `int` to the system. */
interface Known {
  readonly level: number;
  readonly name: number;
  readonly isFlag: boolean;
}

/** By option, family and type. */
function keyOf(option: SocketOption, family: Family, type: SocketType): number {
  return option * 16 + family * 4 + type;
}

const FAMILIES = [Family.INET, Family.INET6, Family.UNIX];
const IP = [Family.INET, Family.INET6];
const TYPES = [SocketType.STREAM, SocketType.DGRAM];

/** An option: the families and types of sockets that have it, its level and name, and whether it is a flag. */
type Row = readonly [
  option: SocketOption,
  families: readonly Family[],
  types: readonly SocketType[],
  level: number,
  name: number,
  isFlag: boolean,
];

function rowsOf({ socket }: Target): readonly Row[] {
  const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6 } = socket;
  const [stream, datagram] = [[SocketType.STREAM], [SocketType.DGRAM]];
  return [
    [SocketOption.REUSEADDR, FAMILIES, TYPES, SOL_SOCKET, socket.SO_REUSEADDR, true],
    [SocketOption.DONTROUTE, FAMILIES, TYPES, SOL_SOCKET, socket.SO_DONTROUTE, true],
    [SocketOption.BROADCAST, FAMILIES, TYPES, SOL_SOCKET, socket.SO_BROADCAST, true],
    [SocketOption.KEEPALIVE, FAMILIES, TYPES, SOL_SOCKET, socket.SO_KEEPALIVE, true],
    [SocketOption.OOBINLINE, FAMILIES, TYPES, SOL_SOCKET, socket.SO_OOBINLINE, true],
    [SocketOption.RCVLOWAT, FAMILIES, TYPES, SOL_SOCKET, socket.SO_RCVLOWAT, false],
    [SocketOption.SNDBUF, FAMILIES, TYPES, SOL_SOCKET, socket.SO_SNDBUF, false],
    [SocketOption.RCVBUF, FAMILIES, TYPES, SOL_SOCKET, socket.SO_RCVBUF, false],
    [SocketOption.NODELAY, IP, stream, IPPROTO_TCP, socket.TCP_NODELAY, true],
    [SocketOption.KEEPIDLE, IP, stream, IPPROTO_TCP, socket.TCP_KEEPIDLE, false],
    [SocketOption.KEEPINTVL, IP, stream, IPPROTO_TCP, socket.TCP_KEEPINTVL, false],
    [SocketOption.KEEPCNT, IP, stream, IPPROTO_TCP, socket.TCP_KEEPCNT, false],
    [SocketOption.HOPS, [Family.INET], TYPES, IPPROTO_IP, socket.IP_TTL, false],
    [SocketOption.HOPS, [Family.INET6], TYPES, IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, false],
    [SocketOption.MULTICAST_HOPS, [Family.INET], datagram, IPPROTO_IP, socket.IP_MULTICAST_TTL, false],
    [SocketOption.MULTICAST_HOPS, [Family.INET6], datagram, IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, false],
    [SocketOption.MULTICAST_LOOP, [Family.INET], datagram, IPPROTO_IP, socket.IP_MULTICAST_LOOP, true],
    [SocketOption.MULTICAST_LOOP, [Family.INET6], datagram, IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, true],
    [SocketOption.V6ONLY, [Family.INET6], TYPES, IPPROTO_IPV6, socket.IPV6_V6ONLY, true],
  ];
}

function makeTable({ target }: Libc): ReadonlyMap<number, Known> {
  const table = new Map<number, Known>();
  for (const [option, families, types, level, name, isFlag] of rowsOf(target)) {
    for (const family of families) {
      for (const type of types) table.set(keyOf(option, family, type), { level, name, isFlag });
    }
  }
  return table;
}

/** The `int`s of a socket among its options. */
export class SystemOptions {
  readonly #calls: SocketSyscalls;
  readonly #target: Target;
  readonly #table: ReadonlyMap<number, Known>;

  /**
   * @param calls The system's.
   * @param libc The C library; its target has the numbers.
   */
  constructor(calls: SocketSyscalls, libc: Libc) {
    this.#calls = calls;
    this.#target = libc.target;
    this.#table = libc.parts.get(makeTable);
  }

  /** Value of an option, or minus an errno: NOPROTOOPT for one that such a socket has not. */
  get(fd: number, family: Family, type: SocketType, option: SocketOption): number {
    const known = this.#table.get(keyOf(option, family, type));
    if (known === undefined) return -Errno.NOPROTOOPT;
    const result = this.#calls.getOption(fd, known.level, known.name);
    if (result < 0) return orNoOption(result);
    const value = this.#calls.values[0]!;
    if (known.isFlag) return value === 0 ? 0 : 1;
    return this.#isDoubled(option) ? value / 2 : value;
  }

  /** Linux doubles the sizes of buffers as they are set, for what it needs itself. */
  #isDoubled(option: SocketOption): boolean {
    return this.#target.os === "linux" && (option === SocketOption.SNDBUF || option === SocketOption.RCVBUF);
  }

  /** Set an option. @returns 0 or minus an errno. */
  set(fd: number, family: Family, type: SocketType, option: SocketOption, value: number): number {
    const known = this.#table.get(keyOf(option, family, type));
    if (known === undefined) return -Errno.NOPROTOOPT;
    if (!isInt(value) || value < 0) return -Errno.INVAL;
    const number = known.isFlag && value !== 0 ? 1 : value;
    return orNoOption(this.#calls.setOption(fd, known.level, known.name, number));
  }

  /** Seconds of LINGER, or {@linkcode LINGER_OFF}. */
  linger(fd: number): number {
    const { SOL_SOCKET, SO_LINGER } = this.#target.socket;
    const result = this.#calls.getOption(fd, SOL_SOCKET, SO_LINGER, true);
    if (result < 0) return result;
    const [isOn, seconds] = this.#calls.values;
    return isOn === 0 ? LINGER_OFF : seconds!;
  }

  /** Set LINGER. @returns 0 or minus an errno. */
  setLinger(fd: number, seconds: number): number {
    const { SOL_SOCKET, SO_LINGER } = this.#target.socket;
    if (seconds === LINGER_OFF) return this.#calls.setOption(fd, SOL_SOCKET, SO_LINGER, 0, 0);
    if (!isInt(seconds) || seconds < 0) return -Errno.INVAL;
    return this.#calls.setOption(fd, SOL_SOCKET, SO_LINGER, 1, seconds);
  }

  /** Takes the pending error (SO_ERROR). @returns The system's error number, or minus an errno if that failed. */
  takeError(fd: number): number {
    const { SOL_SOCKET, SO_ERROR } = this.#target.socket;
    const result = this.#calls.getOption(fd, SOL_SOCKET, SO_ERROR);
    return result < 0 ? result : this.#calls.values[0]!;
  }
}

function isInt(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31;
}

/** What the family of a socket has no such option for. */
function orNoOption(result: number): number {
  return result === -Errno.NOTSUP ? -Errno.NOPROTOOPT : result;
}
