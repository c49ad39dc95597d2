/** The calls of one guest, of which only the innermost may run: the engine switches its own stack, not the guest's. */

/** A call that has begun. */
export interface Call {
  /** The call that it is nested in. */
  readonly outer: Call | undefined;
  /** True while a function of the caller's `imports` runs, or its promise is awaited: then others may be nested in it. */
  isInImport: boolean;
  /** Calls to be nested in it that wait for their turn. */
  readonly waiting: Turn[];
  /** Goes on with this call, once what is nested in it is over. */
  resume: (() => void) | undefined;
}

type Turn = (call: Call) => void;

/**
 * Gives each call its turn, in the order in which they came. While a function of the caller's `imports` runs, calls are
 * nested in the call that made it: that one goes on once they are over.
 */
export class Calls {
  #innermost: Call | undefined;
  /** Calls that are nested in none and wait for their turn. */
  readonly #waiting: Turn[] = [];
  #hasEnded = false;

  /** True if a call may begin now. */
  get isFree(): boolean {
    return this.#hasEnded || this.#innermost === undefined || this.#innermost.isInImport;
  }

  /** Begin a call; only if {@linkcode isFree}. */
  begin(): Call {
    const call = { outer: this.#innermost, isInImport: false, waiting: [], resume: undefined };
    this.#innermost = call;
    return call;
  }

  /** Begin a call when its turn has come. */
  async beginInTurn(): Promise<Call> {
    const waiting = this.#innermost?.outer?.waiting ?? this.#waiting;
    return await new Promise((resolve) => waiting.push(resolve));
  }

  /** End a call that has begun. */
  end(call: Call): void {
    if (this.#hasEnded) return;
    this.#innermost = call.outer;
    this.#next();
  }

  #next(): void {
    const call = this.#innermost;
    const turn = (call?.waiting ?? this.#waiting).shift();
    if (turn !== undefined) return turn(this.begin());
    if (call?.resume === undefined) return;
    call.isInImport = false;
    call.resume();
  }

  /** A function of the caller's imports begins. @returns The call that made it, if it was one of these. */
  enterImport(): Call | undefined {
    if (this.#innermost !== undefined) this.#innermost.isInImport = true;
    return this.#innermost;
  }

  /**
   * A function of the caller's imports has returned.
   *
   * @param call What {@linkcode enterImport} returned.
   * @returns False if a call that is nested in `call` is not over: the guest can't go on.
   */
  leaveImport(call: Call | undefined): boolean {
    if (call === undefined || this.#hasEnded) return true;
    if (this.#innermost !== call) return false;
    call.isInImport = false;
    return true;
  }

  /** As {@linkcode leaveImport}, but waits until the calls that are nested in `call` are over. */
  async leaveImportInTurn(call: Call | undefined): Promise<void> {
    if (this.leaveImport(call) || call === undefined) return;
    await new Promise<void>((resolve) => call.resume = resolve);
    call.resume = undefined;
  }

  /** The guest has ended: there is nothing to wait for. If the stack ends in it, it can be called again. */
  release(): void {
    this.#hasEnded = true;
    const innermost = this.#innermost;
    this.#beginAll(this.#waiting);
    for (let call = innermost; call !== undefined; call = call.outer) {
      this.#beginAll(call.waiting);
      call.resume?.();
    }
  }

  /** A turn is forgotten only once it was given. */
  #beginAll(turns: Turn[]): void {
    for (let turn = turns[0]; turn !== undefined; turn = turns[0]) {
      turn(this.begin());
      turns.shift();
    }
  }
}
