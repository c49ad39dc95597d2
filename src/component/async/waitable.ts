/** What tasks wait for: waitables, and sets of them. */

import type { HandleEntry } from "../link/handles.ts";
import { trap } from "../link/trap.ts";

/** Codes of events. */
export const EventCode = {
  NONE: 0,
  SUBTASK: 1,
  STREAM_READ: 2,
  STREAM_WRITE: 3,
  FUTURE_READ: 4,
  FUTURE_WRITE: 5,
  TASK_CANCELLED: 6,
} as const;

/** Something that has happened to a waitable, or to the task that waits. */
export interface WaitableEvent {
  /** One of {@linkcode EventCode}. */
  readonly code: number;
  /** Index of the waitable's handle. */
  readonly index: number;
  /** What it has come to. */
  readonly payload: number;
}

/** Nothing has happened. */
export const NO_EVENT: WaitableEvent = { code: EventCode.NONE, index: 0, payload: 0 };

/** The task that waits has been cancelled. */
export const CANCELLED_EVENT: WaitableEvent = { code: EventCode.TASK_CANCELLED, index: 0, payload: 0 };

/** Answer of a built-in whose operation goes on: the i32 of 2^32 - 1. */
export const BLOCKED = -1;

/** What can have events: a subtask, or an end of a stream or a future. */
export abstract class Waitable implements HandleEntry {
  abstract readonly type: object;
  /** Index of its handle; 0 if it has none. */
  index = 0;
  /** True while a task waits for it alone. */
  hasSyncWaiter = false;
  #set: WaitableSet | undefined;
  #hasEvent = false;

  /** The set that it is in. */
  get set(): WaitableSet | undefined {
    return this.#set;
  }

  /** True if something has happened that no task knows yet. */
  get hasEvent(): boolean {
    return this.#hasEvent;
  }

  /** Something has happened. What it is may still change until a task asks. */
  notify(): void {
    this.#hasEvent = true;
    this.#set?.eventful.add(this);
  }

  /** Tell a task what has happened. */
  takeEvent(): WaitableEvent {
    this.#hasEvent = false;
    this.#set?.eventful.delete(this);
    return this.deliver();
  }

  /** Put it into a set, out of the one that it is in; undefined for none. */
  join(set: WaitableSet | undefined): void {
    this.#set?.members.delete(this);
    this.#set?.eventful.delete(this);
    this.#set = set;
    set?.members.add(this);
    if (this.#hasEvent) set?.eventful.add(this);
  }

  /** What has happened; it takes effect in the waitable. */
  protected abstract deliver(): WaitableEvent;
}

/** A set of waitables: a task waits for an event of any. */
export class WaitableSet implements HandleEntry {
  readonly type: object = WaitableSet;
  readonly members: Set<Waitable> = new Set();
  /** Members that have an event, in the order in which these happened. */
  readonly eventful: Set<Waitable> = new Set();
  /** Number of tasks that wait for it. */
  waiterCount = 0;

  /** True if a member has an event. */
  get hasEvent(): boolean {
    return this.eventful.size > 0;
  }

  /** The event of the member that has had one for longest; {@linkcode NO_EVENT} if none has one. */
  takeEvent(): WaitableEvent {
    for (const member of this.eventful) return member.takeEvent();
    return NO_EVENT;
  }

  /** @throws {ComponentTrap} If it has members, or tasks wait for it. */
  checkDrop(): void {
    if (this.members.size > 0) trap("cannot drop waitable set with waitables in it");
    if (this.waiterCount > 0) trap("cannot drop waitable set with waiters");
  }
}
