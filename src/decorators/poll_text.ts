/** What `poll_oneoff` was asked and what it answered. */

import type { Events, Subscriptions } from "../core/system.ts";
import { Errno, errnoName } from "../witx/errno.ts";
import { Clockid, Eventrwflags, Eventtype, Subclockflags } from "../witx/types.ts";
import { flagText, nameText } from "./flag_text.ts";
import { listText } from "./string_text.ts";

/** Rows that are shown. */
const MAX_ROWS = 16;

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
