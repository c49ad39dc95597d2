/** Subscriptions and events of `poll_oneoff`. */

import type { Events, Subscriptions } from "../results.ts";
import { Errno, errnoName } from "../../witx/errno.ts";
import { Clockid, Eventrwflags, Eventtype, Subclockflags } from "../../witx/types.ts";
import { EVENT_SIZE, eventRows, readSubscriptions, SUBSCRIPTION_SIZE, subscriptionRows } from "../abi/layout.ts";
import type { CallArguments } from "./call_arguments.ts";
import { flagText, nameText } from "./flag_text.ts";
import { listText } from "./string_text.ts";

/** Rows that are shown. */
const MAX_ROWS = 16;

/** The subscriptions that the guest passes. */
export function passedSubscriptionsText(args: CallArguments, at: number): string | undefined {
  const { memory, dialect } = args.abi;
  const count = args.named("nsubscriptions")!;
  const ptr = args.u32(at);
  if (args.bytes(ptr, count * (SUBSCRIPTION_SIZE + dialect.subscriptionShift)) === undefined) return undefined;
  const subscriptions = subscriptionRows(count);
  const userdata = new Uint32Array(2 * count);
  subscriptions.count = count;
  readSubscriptions(memory.view, ptr, subscriptions, userdata, dialect.subscriptionShift);
  Object.assign(args.kept, { subscriptions, userdata });
  return subscriptionsText(subscriptions);
}

/** The events that the call has stored. */
export function storedEventsText(args: CallArguments, at: number): string {
  const { view } = args.abi.memory;
  const { subscriptions = subscriptionRows(0), userdata = new Uint32Array(0) } = args.kept;
  const events = eventRows(args.result("nevents")!);
  events.count = args.result("nevents")!;
  for (let row = 0; row < events.count; row++) {
    const ptr = args.u32(at) + EVENT_SIZE * row;
    const type = view.getUint8(ptr + 10);
    const low = view.getUint32(ptr, true);
    const high = view.getUint32(ptr + 4, true);
    // Events name their subscription by the data that the guest gave it, and by nothing else.
    events.index[row] = subscriptions.type.findIndex((subscribed, i) =>
      subscribed === type && userdata[2 * i] === low && userdata[2 * i + 1] === high
    );
    events.error[row] = view.getUint16(ptr + 8, true);
    events.nbytes[row] = Number(view.getBigUint64(ptr + 16, true));
    events.flags[row] = view.getUint16(ptr + 24, true);
  }
  return eventsText(events, subscriptions);
}

const CLOCK_FLAGS = { ABSTIME: Subclockflags.SUBSCRIPTION_CLOCK_ABSTIME };
const STATE_FLAGS = { HANGUP: Eventrwflags.FD_READWRITE_HANGUP };

/** `[FD_READ 5, CLOCK MONOTONIC 1000000]`; the time in ns. */
export function subscriptionsText(subscriptions: Subscriptions): string {
  return listText(subscriptions.count, MAX_ROWS, (i) => subscriptionText(subscriptions, i));
}

/** `[FD_READ 5: 128 bytes, CLOCK]`. */
export function eventsText(events: Events, subscriptions: Subscriptions): string {
  return listText(events.count, MAX_ROWS, (i) => {
    const state = stateText(events, i);
    return `${subjectText(subscriptions, events.index[i]!)}${state === "" ? "" : `: ${state}`}`;
  });
}

function subjectText({ type, fd }: Subscriptions, i: number): string {
  // Of an event that something else was stored over.
  if (i >= type.length) return "?";
  const name = nameText(Eventtype, type[i]!);
  return type[i] === Eventtype.CLOCK ? name : `${name} ${fd[i]! | 0}`;
}

function subscriptionText(subscriptions: Subscriptions, i: number): string {
  const subject = subjectText(subscriptions, i);
  const { type, clockid, timeout, flags } = subscriptions;
  if (type[i] !== Eventtype.CLOCK) return subject;
  const text = `${subject} ${nameText(Clockid, clockid[i]!)} ${timeout[i]}`;
  return flags[i] === 0 ? text : `${text} ${flagText(CLOCK_FLAGS, flags[i]!)}`;
}

function stateText({ error, nbytes, flags }: Events, i: number): string {
  if (error[i] !== Errno.SUCCESS) return errnoName(error[i]!);
  const words = nbytes[i] === 0 ? [] : [`${nbytes[i]} bytes`];
  if (flags[i] !== 0) words.push(flagText(STATE_FLAGS, flags[i]!));
  return words.join(" ");
}
