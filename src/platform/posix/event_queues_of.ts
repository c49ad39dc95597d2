/** The event queues of the operating system that this process runs on. */

import { Epoll } from "./epoll.ts";
import type { EventQueues } from "./event_queues.ts";
import { Kqueue } from "./kqueue.ts";
import type { Libc } from "./libc.ts";

const opened: WeakMap<Libc, EventQueues> = new WeakMap();

/** The queues, whose calls are opened when they are first asked for. */
export function eventQueuesOf(libc: Libc): EventQueues {
  let queues = opened.get(libc);
  if (queues === undefined) opened.set(libc, queues = libc.target.os === "linux" ? new Epoll(libc) : new Kqueue(libc));
  return queues;
}
