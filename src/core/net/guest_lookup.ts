/** Lookups of names on behalf of a guest. None of them waits, and none holds anything once it is dropped. */

import { Errno } from "../../witx/errno.ts";
import type { Family, PlatformLookup, PlatformNetwork, SocketAddress, Wakeable } from "../../contract/network.ts";
import { Interest, type Pollable, Readiness, type WakeSource } from "../../contract/pollable.ts";
import type { NetPolicy } from "./policy/policy.ts";
import type { Failure } from "../../contract/results.ts";

/** What lookups need. */
export interface LookupContext {
  /** Has the resolver. */
  readonly network: Pick<PlatformNetwork, "lookup">;
  /** Learns the addresses of names. */
  readonly policy: NetPolicy;
  /** Notified when a lookup is over. */
  readonly wake: Wakeable;
}

/** The lookup of one name. */
export class GuestLookup {
  readonly #context: LookupContext;
  readonly #name: string;
  readonly #family: Family | 0;
  readonly #lookup: PlatformLookup;
  #isCancelled = false;

  /**
   * Start a lookup.
   *
   * @param context What it needs.
   * @param name A name, or an IP address.
   * @param family Family of the addresses that the caller wants; 0 for any.
   */
  constructor(context: LookupContext, name: string, family: Family | 0) {
    const { network, policy, wake } = context;
    this.#context = context;
    this.#name = name;
    this.#family = family;
    this.#lookup = network.lookup(name, policy.pins(name) ? 0 : family, wake);
  }

  /** What to wait for, with `Interest.READ`. */
  get pollable(): Pollable {
    return this.#lookup;
  }

  /** True once {@linkcode GuestLookup.finish} has a result. */
  get isOver(): boolean {
    return this.#isCancelled || this.#lookup.readiness(Interest.READ) !== 0;
  }

  /**
   * The addresses that the policy lets the guest know (their port is 0).
   *
   * @returns At least one address; or minus INPROGRESS, NOENT, AGAIN (try later) or IO; -CANCELED after {@linkcode GuestLookup.cancel}.
   */
  finish(): readonly SocketAddress[] | Failure {
    if (this.#isCancelled) return -Errno.CANCELED;
    if (!this.isOver) return -Errno.INPROGRESS;
    const result = this.#lookup.result();
    if (typeof result === "number") return result;
    const addresses = this.#context.policy.learn(this.#name, result);
    const wanted = this.#family === 0 ? addresses : addresses.filter(({ family }) => family === this.#family);
    return wanted.length > 0 ? wanted : -Errno.NOENT;
  }

  /** Drop the lookup: the platform's resolver stops where it can, and nothing is learned from it. */
  cancel(): void {
    if (this.isOver) return;
    this.#isCancelled = true;
    this.#lookup.cancel();
  }
}

/** The names that have to be known before an operation is admitted or refused: ready once all lookups are over. */
export class PendingNames implements Pollable {
  readonly source: WakeSource;
  readonly #lookups: readonly GuestLookup[];
  readonly #wake: Wakeable;

  /**
   * Start the lookups.
   *
   * @param context What they need.
   * @param names At least one name.
   */
  constructor(context: LookupContext, names: readonly string[]) {
    this.source = this.#wake = context.wake;
    this.#lookups = names.map((name) => new GuestLookup(context, name, 0));
  }

  get needsEventLoop(): boolean {
    return this.#next?.needsEventLoop ?? false;
  }

  get #next(): Pollable | undefined {
    return this.#lookups.find(({ isOver }) => !isOver)?.pollable;
  }

  readiness(): number {
    return this.#next === undefined ? Readiness.READ : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.source.subscribe(wake);
  }

  /** Tell the policy what was found. Names that could not be looked up stay unknown. */
  learn(): void {
    for (const lookup of this.#lookups) lookup.finish();
  }

  /** Drop all lookups, and wake whoever waits for them. */
  cancel(): void {
    for (const lookup of this.#lookups) lookup.cancel();
    this.#wake.notify();
  }
}
