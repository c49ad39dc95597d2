/** Resources of guests in the hands of JavaScript. */

import type { ResourceType } from "../link/resource_type.ts";

/** Why a handle can't be used. */
type State = "alive" | "moved" | "disposed" | "over";

const WHY: Readonly<Record<Exclude<State, "alive">, string>> = {
  moved: "it was given to a guest",
  disposed: "it was disposed of",
  over: "it was lent for the duration of a call, which is over",
};

/** A resource that a guest defines, as an object of JavaScript holds it. */
export class Handle {
  /** Its type. */
  readonly type: ResourceType;
  /** What stands for it in the guest. */
  readonly rep: unknown;
  /** True if the object owns the resource, false if it was lent to a function of the host. */
  readonly isOwn: boolean;
  #state: State = "alive";
  #lendCount = 0;

  /**
   * Make a handle.
   *
   * @param type Its type.
   * @param rep What stands for it in the guest.
   * @param isOwn True if the object owns the resource.
   */
  constructor(type: ResourceType, rep: unknown, isOwn: boolean) {
    this.type = type;
    this.rep = rep;
    this.isOwn = isOwn;
  }

  /** True until it was given away, disposed of, or the call that it was lent for is over. */
  get isAlive(): boolean {
    return this.#state === "alive";
  }

  /** @throws {TypeError} If it can't be used any more. */
  check(): void {
    if (this.#state !== "alive") throw new TypeError(`Cannot use the resource ${this.type.name}: ${WHY[this.#state]}`);
  }

  /** Lend it to a call. @throws {TypeError} If it can't be used any more. */
  lend(): void {
    this.check();
    this.#lendCount++;
  }

  /** The call that it was lent to is over. */
  giveBack(): void {
    this.#lendCount--;
  }

  /** Give it to a guest. @throws {TypeError} If it can't be used any more, is lent, or is not owned. */
  move(): void {
    this.#end("moved", "give away");
  }

  /** It was not given away after all: the call did not begin. */
  unmove(): void {
    this.#state = "alive";
  }

  /** @throws {TypeError} If it is lent to a call, or not owned. */
  dispose(): void {
    this.#end("disposed", "dispose of");
  }

  /** The call that it was lent for is over. */
  expire(): void {
    if (this.#state === "alive") this.#state = "over";
  }

  #end(state: State, what: string): void {
    this.check();
    if (!this.isOwn) throw new TypeError(`Cannot ${what} the resource ${this.type.name}: it was lent to this call`);
    if (this.#lendCount > 0) throw new TypeError(`Cannot ${what} the resource ${this.type.name}: a call uses it`);
    this.#state = state;
  }
}

/** What happens to the handles among the arguments of one call. */
export class CallHandles {
  readonly #moved: Handle[] = [];
  readonly #lent: Handle[] = [];

  /** @throws {TypeError} If the handle can't be lent. */
  lend(handle: Handle): void {
    handle.lend();
    this.#lent.push(handle);
  }

  /** @throws {TypeError} If the handle can't be given away. */
  move(handle: Handle): void {
    handle.move();
    this.#moved.push(handle);
  }

  /** The call did not begin: an argument is wrong. */
  rollBack(): void {
    for (const handle of this.#moved) handle.unmove();
    this.end();
  }

  /** The call is over. */
  end(): void {
    for (const handle of this.#lent) handle.giveBack();
    this.#lent.length = 0;
  }
}
