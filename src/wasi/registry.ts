/** The host interfaces, by name. */

import type { HostInterfaces } from "../component/link/host_interfaces.ts";
import type { ResourceType } from "../component/link/resource_type.ts";
import type { HeldStdio } from "../core/io/held_bytes.ts";
import type { Interrupt } from "../core/io/interrupt.ts";
import type { WasiGuest } from "./guest.ts";
import { type HostInterface, type InterfaceFactories, WasiHost } from "./host.ts";
import { environmentInterface } from "./p2/cli/environment.ts";
import { exitInterface } from "./p2/cli/exit.ts";
import { guestStdio } from "./p2/cli/guest_stdio.ts";
import { stderrInterface, stdinInterface, stdoutInterface } from "./p2/cli/stdio.ts";
import {
  terminalInputInterface,
  terminalOutputInterface,
  terminalStderrInterface,
  terminalStdinInterface,
  terminalStdoutInterface,
} from "./p2/cli/terminal.ts";
import { monotonicClockInterface } from "./p2/clocks/monotonic_clock.ts";
import { timezoneInterface } from "./p2/clocks/timezone.ts";
import { wallClockInterface } from "./p2/clocks/wall_clock.ts";
import { preopensInterface } from "./p2/filesystem/preopens.ts";
import { typesInterface } from "./p2/filesystem/types.ts";
import { errorInterface } from "./p2/io/error.ts";
import { pendingOutput } from "./p2/io/guest_io.ts";
import { pollInterface } from "./p2/io/poll.ts";
import { streamsInterface } from "./p2/io/streams.ts";
import { insecureInterface, insecureSeedInterface, randomInterface } from "./p2/random/random.ts";

/** What serves each interface. One implementation serves all patch versions: 0.2.0 to 0.2.12 only add functions. */
const INTERFACES: InterfaceFactories = {
  "wasi:cli/environment@0.2": environmentInterface,
  "wasi:cli/exit@0.2": exitInterface,
  "wasi:cli/stdin@0.2": stdinInterface,
  "wasi:cli/stdout@0.2": stdoutInterface,
  "wasi:cli/stderr@0.2": stderrInterface,
  "wasi:cli/terminal-input@0.2": terminalInputInterface,
  "wasi:cli/terminal-output@0.2": terminalOutputInterface,
  "wasi:cli/terminal-stdin@0.2": terminalStdinInterface,
  "wasi:cli/terminal-stdout@0.2": terminalStdoutInterface,
  "wasi:cli/terminal-stderr@0.2": terminalStderrInterface,
  "wasi:clocks/monotonic-clock@0.2": monotonicClockInterface,
  "wasi:clocks/timezone@0.2": timezoneInterface,
  "wasi:clocks/wall-clock@0.2": wallClockInterface,
  "wasi:filesystem/preopens@0.2": preopensInterface,
  "wasi:filesystem/types@0.2": typesInterface,
  "wasi:io/error@0.2": errorInterface,
  "wasi:io/poll@0.2": pollInterface,
  "wasi:io/streams@0.2": streamsInterface,
  "wasi:random/insecure@0.2": insecureInterface,
  "wasi:random/insecure-seed@0.2": insecureSeedInterface,
  "wasi:random/random@0.2": randomInterface,
};

/** The interfaces of `wasi:*` for one guest. */
export class WasiInterfaces implements HostInterfaces {
  /** What they share. */
  readonly host: WasiHost;
  readonly #made: Map<string, HostInterface> = new Map();
  readonly #more: InterfaceFactories;

  /**
   * @param guest What they serve.
   * @param more Interfaces that are loaded for the guests that need them, such as those of wasi:sockets.
   */
  constructor(guest: WasiGuest, more: InterfaceFactories = {}) {
    this.host = new WasiHost(guest);
    this.#more = more;
  }

  find(name: string): HostInterface | undefined {
    const found = this.#made.get(name);
    if (found !== undefined) return found;
    const factories = Object.hasOwn(this.#more, name) ? this.#more : INTERFACES;
    if (!Object.hasOwn(factories, name)) return undefined;
    const made = factories[name]!(this.host);
    this.#made.set(name, made);
    return made;
  }

  /** What is held here of the standard streams: it goes before what the guest reads and writes by another interface. */
  get heldStdio(): HeldStdio {
    return this.host.shared(guestStdio).held();
  }

  /** Write what is queued here while the guest waits by another interface, too. */
  writeMeanwhile(): void {
    this.host.guest.waiter.writeMeanwhile(this.host.shared(pendingOutput));
  }

  /**
   * The resource type of a name, whatever interface has it: each name stands for one type.
   *
   * @param name In WIT: `input-stream`.
   * @throws {TypeError} If no interface has it.
   */
  resource(name: string): ResourceType {
    for (const key of [...Object.keys(INTERFACES), ...Object.keys(this.#more)]) {
      const { resources } = this.find(key)!;
      if (Object.hasOwn(resources, name)) return resources[name] as ResourceType;
    }
    throw new TypeError(`No interface has the resource ${name}`);
  }

  /**
   * Write what the guest has written to streams, and is still queued: to be called once the guest has ended by itself.
   *
   * @param abort Ends the wait early; undefined if nothing does.
   * @returns A promise where the guest is suspended and something is queued.
   * @throws What `WasiGuest.brokenPipe` throws, or the reason of `abort`.
   */
  flushed(abort?: Interrupt): void | Promise<void> {
    return this.host.shared(pendingOutput).flushed(this.host.guest.waiter, abort);
  }

  /**
   * Give up what is still queued, so that what it belongs to is closed: to be called at the end of a guest, once its handles
   * are gone.
   */
  close(): void {
    this.host.shared(pendingOutput).abandon();
    this.host.close();
  }
}
