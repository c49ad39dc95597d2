/** Host interfaces, and what those of one guest share. */

import type { HostInterface } from "../component/link/host_interfaces.ts";
import type { WasiGuest } from "./guest.ts";

export type { HostInterface } from "../component/link/host_interfaces.ts";

/** Makes an interface for a guest, on first use. */
export type InterfaceFactory = (host: WasiHost) => HostInterface;

/** What serves each interface, by name without patch version: `wasi:io/poll@0.2`. */
export type InterfaceFactories = Readonly<Record<string, InterfaceFactory>>;

/** What the interfaces of one guest share: the guest, and one object of each kind that several of them use. */
export class WasiHost {
  /** The guest that they serve. */
  readonly guest: WasiGuest;
  readonly #shared: Map<object, unknown> = new Map();
  readonly #closing: (() => void)[] = [];

  /** @param guest The guest that they serve. */
  constructor(guest: WasiGuest) {
    this.guest = guest;
  }

  /**
   * What interfaces share: resource types, tables, buffers.
   *
   * @param make Makes it, when it is first asked for.
   * @returns The same object for the same `make`.
   */
  shared<T>(make: (host: WasiHost) => T): T {
    if (!this.#shared.has(make)) this.#shared.set(make, make(this));
    return this.#shared.get(make) as T;
  }

  /** Call something at the end of the guest. */
  onClose(close: () => void): void {
    this.#closing.push(close);
  }

  /** The guest has ended, and its handles are gone. */
  close(): void {
    for (const close of this.#closing.splice(0)) close();
  }
}
