/** poll(2) of one descriptor, without waiting. */

import { Errno } from "../../witx/errno.ts";
import { Interest, Readiness } from "../../core/pollable.ts";
import type { Region } from "./arena.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "./ffi.ts";
import type { Libc } from "./libc.ts";
import { variadic, variadicCall } from "./variadic.ts";

const FUNCTIONS = {
  poll: { parameters: ["address", "i32", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Asks the system what holds of a descriptor now. */
export class Poller {
  readonly #libc: Libc;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  /** A `struct pollfd`, and an `int` for ioctl(2). */
  readonly #pollfd: Region;
  #ioctl: ForeignCall | undefined;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#calls = libc.open(FUNCTIONS);
    this.#pollfd = libc.arena.allocate(16);
  }

  /** Bits of `Readiness` for those of `Interest`. A descriptor that can't be asked is ready: the call itself tells why. */
  readiness(fd: number, interest: number): number {
    const { POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL } = this.#libc.target;
    const { i32, address } = this.#pollfd;
    const events = ((interest & Interest.READ) !== 0 ? POLLIN : 0) | ((interest & Interest.WRITE) !== 0 ? POLLOUT : 0);
    i32[0] = fd;
    i32[1] = events;
    const count = this.#libc.result(this.#calls.poll(address, 1, 0));
    if (count === 0 || count === -Errno.INTR) return 0;
    const revents = i32[1] >>> 16;
    let readiness = 0;
    if ((revents & POLLIN) !== 0) readiness |= Readiness.READ;
    if ((revents & POLLOUT) !== 0) readiness |= Readiness.WRITE;
    if ((revents & (POLLHUP | POLLERR)) !== 0) {
      readiness |= interest | ((revents & POLLIN) === 0 ? Readiness.HANGUP : 0);
    }
    return count < 0 || (revents & POLLNVAL) !== 0 ? interest : readiness;
  }

  /** Bytes that can be read (FIONREAD), or 0 where that is not told. */
  readableBytes(fd: number): number {
    this.#ioctl ??= this.#openIoctl();
    const { i32 } = this.#pollfd;
    i32[2] = 0;
    return this.#ioctl(fd, this.#libc.target.socket.FIONREAD, this.#bytesAddress()) < 0 ? 0 : i32[2];
  }

  #openIoctl(): ForeignCall {
    const { target } = this.#libc;
    const { ioctl } = this.#libc.open({ ioctl: variadic(target, ["i32", "i32"], "address") });
    return variadicCall(target, 2, ioctl);
  }

  #address: number | bigint | undefined;

  #bytesAddress(): number | bigint {
    return this.#address ??= this.#libc.arena.addressIn(this.#pollfd, 8);
  }
}
