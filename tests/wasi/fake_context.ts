/**
 * A component without a component: calls functions of host interfaces as a guest would, over a real memory, a table of
 * handles and a waiter.
 *
 * @module
 */

import { CallContext } from "../../src/component/abi/context.ts";
import { ComponentInstance } from "../../src/component/link/component_instance.ts";
import { DONE, type HostFunction } from "../../src/component/link/function.ts";
import type { ResourceType } from "../../src/component/link/resource_type.ts";
import { withNumbers } from "../../src/component/link/with_numbers.ts";
import { Store } from "../../src/component/link/store.ts";
import type { Platform, PlatformStdio } from "../../src/contract/platform.ts";
import type { WaitMode } from "../../src/contract/waiter.ts";
import type { Mount } from "../../src/core/fs/mounted_directory.ts";
import type { Interrupt } from "../../src/core/io/interrupt.ts";
import { OpenStream } from "../../src/core/io/stream.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import type { GuestNetwork, OnRefused } from "../../src/core/net/guest_network.ts";
import type { WasiGuest } from "../../src/wasi/guest.ts";
import type { HostInterface, InterfaceFactories } from "../../src/wasi/host.ts";
import { SOCKET_INTERFACES } from "../../src/wasi/p2/socket_interfaces.ts";
import { WasiInterfaces } from "../../src/wasi/registry.ts";

/** What {@linkcode fakeGuest} may be given. */
export interface FakeGuestOptions extends Partial<Omit<WasiGuest, "stdin" | "stdout" | "stderr">> {
  /** Default: `"block"`. */
  readonly mode?: WaitMode;
  /** Default: those of the platform. */
  readonly stdio?: Partial<PlatformStdio>;
  /** Ends the waits of the guest. */
  readonly interrupt?: Interrupt;
}

/** Thrown when a fake guest exits. */
export class FakeExit extends Error {
  /** The exit code. */
  readonly code: number;

  /** @param code The exit code. */
  constructor(code: number) {
    super(`exit with ${code}`);
    this.code = code;
  }
}

/**
 * A guest over a platform, with nothing but what it is given.
 *
 * @param platform Has clocks, random bytes and, unless `options` have others, the standard streams.
 */
export function fakeGuest(platform: Platform, options: FakeGuestOptions = {}): WasiGuest {
  const { mode = "block", stdio = {}, interrupt, ...given } = options;
  const stream = (name: keyof PlatformStdio): OpenStream => new OpenStream(stdio[name] ?? platform.stdio(mode)[name]);
  return {
    args: ["guest"],
    env: [],
    cwd: "/",
    clock: platform.clock,
    random: platform.random,
    waiter: new GuestWaiter(platform, mode, interrupt),
    stdin: stream("stdin"),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    mounts: [] as readonly Mount[],
    network: undefined as GuestNetwork | undefined,
    onRefused: undefined as OnRefused | undefined,
    maxOpenFiles: 8192,
    exit: (code) => {
      throw new FakeExit(code);
    },
    brokenPipe: () => {},
    ...given,
  };
}

/** One page of memory to begin with; the allocator grows it. */
const PAGE = 65536;

/** Calls functions of the host as a guest does. */
export class FakeComponent {
  /** Its memory. */
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  /** The context of its calls. */
  readonly cx: CallContext;
  /** The interfaces that serve it. */
  readonly interfaces: WasiInterfaces;
  /** Bytes that were allocated, by their pointers. */
  readonly allocated: Map<number, number> = new Map();
  readonly #store: Store;
  readonly #made: Map<HostFunction, (...args: never[]) => unknown> = new Map();
  #top = 16;

  /**
   * @param guest What it runs in.
   * @param more Interfaces that are loaded on demand.
   */
  constructor(guest: WasiGuest, more: InterfaceFactories = {}) {
    this.#store = new Store({ waiter: guest.waiter });
    this.cx = new CallContext(new ComponentInstance(this.#store, undefined, guest.maxOpenFiles), {
      memory: this.memory,
      realloc: (_old, _oldSize, align, size) => this.#allocate(align, size),
    });
    this.interfaces = new WasiInterfaces(guest, { ...SOCKET_INTERFACES, ...more });
  }

  #allocate(align: number, size: number): number {
    const pointer = Math.ceil(this.#top / align) * align;
    this.#top = pointer + size;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.allocated.set(pointer, size);
    return pointer;
  }

  /** Make a call, and free what was allocated for it: its result is copied out of memory. */
  async freeing<T>(call: () => Promise<T>): Promise<T> {
    const top = this.#top;
    try {
      return await call();
    } finally {
      this.#top = top;
    }
  }

  /** Room in memory, zeroed. */
  room(size: number, align: number = 8): number {
    const pointer = this.#allocate(align, size);
    this.bytes(pointer, size).fill(0);
    return pointer;
  }

  /** A view of memory. */
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  /** A view of all memory. */
  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** A u32 in memory. */
  u32(pointer: number): number {
    return this.view.getUint32(pointer, true);
  }

  /** A u64 in memory. */
  u64(pointer: number): bigint {
    return this.view.getBigUint64(pointer, true);
  }

  /** Put bytes into memory. @returns The flat arguments of a `list<u8>` or a string. */
  put(content: string | Uint8Array): [pointer: number, length: number] {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const pointer = this.#allocate(1, bytes.length);
    this.bytes(pointer, bytes.length).set(bytes);
    return [pointer, bytes.length];
  }

  /** Bytes of a `list<u8>` whose pointer and length are in memory. */
  list(at: number): Uint8Array {
    return this.bytes(this.u32(at), this.u32(at + 4)).slice();
  }

  /** Text whose pointer and length are in memory. */
  text(at: number): string {
    return new TextDecoder().decode(this.list(at));
  }

  /** An interface, such as `wasi:io/streams@0.2`. */
  find(name: string): HostInterface {
    const found = this.interfaces.find(name);
    if (found === undefined) throw new Error(`there is no interface ${name}`);
    return found;
  }

  /** A function, such as `wasi:io/streams@0.2` and `[method]input-stream.read`. */
  function(interfaceName: string, name: string): HostFunction {
    const found = this.find(interfaceName).functions[name];
    if (found === undefined) throw new Error(`there is no function ${interfaceName}#${name}`);
    return found;
  }

  /**
   * Call a function that is lowered by hand.
   *
   * @param args Core arguments, the return pointer last.
   * @returns Its core result, or a promise of it if it has waited and the guest is suspended.
   */
  call(interfaceName: string, name: string, ...args: readonly (number | bigint)[]): unknown {
    const host = this.function(interfaceName, name);
    if (host.attempt !== undefined) return this.#attempt(this.#core(host, host.attempt), args);
    if (host.lower === undefined) throw new Error(`${name} is not lowered by hand`);
    return this.#core(host, host.lower)(...args as never[]);
  }

  #core(host: HostFunction, make: (cx: CallContext) => (...args: never[]) => unknown): (...args: never[]) => unknown {
    let core = this.#made.get(host);
    if (core === undefined) this.#made.set(host, core = withNumbers(host, make(this.cx)));
    return core;
  }

  #attempt(core: (...args: never[]) => unknown, args: readonly (number | bigint)[]): unknown {
    this.cx.result = undefined;
    while (core(...args as never[]) !== DONE) {
      const waited = this.#store.wait();
      if (waited !== undefined) return waited.then(() => this.#attempt(core, args));
    }
    return this.cx.result;
  }

  /** Make a single attempt. @returns `DONE` or `WAIT`. */
  attempt(interfaceName: string, name: string, ...args: readonly (number | bigint)[]): unknown {
    const host = this.function(interfaceName, name);
    return this.#core(host, host.attempt!)(...args as never[]);
  }

  /** Call a function with JavaScript values. */
  value(interfaceName: string, name: string, ...args: readonly unknown[]): unknown {
    const host = this.function(interfaceName, name);
    if (host.call === undefined) throw new Error(`${name} has no form with JavaScript values`);
    return host.call(args);
  }

  /** Give the component a resource. @returns Its handle. */
  own<Rep>(type: ResourceType<Rep>, rep: Rep): number {
    return this.cx.addHandle(type, rep);
  }

  /** What a handle stands for. */
  rep<Rep>(handle: number, type: ResourceType<Rep>): Rep {
    return this.cx.handle(handle, type);
  }

  /** Drop a handle that owns its resource, as `resource.drop` does. */
  drop<Rep>(handle: number, type: ResourceType<Rep>): void {
    type.destroy(this.cx.takeHandle(handle, type));
  }
}
