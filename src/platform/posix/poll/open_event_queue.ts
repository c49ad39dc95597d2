/** The event queues of the operating system that this process runs on. */

import { Epoll } from "./epoll.ts";
import type { EventQueues } from "./event_queue.ts";
import { Kqueue } from "./kqueue.ts";
import type { Libc } from "../ffi/libc.ts";

/** The queues, whose system calls are opened on first use. */
export function eventQueuesOf(libc: Libc): EventQueues {
  return libc.parts.get(openEventQueues);
}

function openEventQueues(libc: Libc): EventQueues {
  return libc.target.os === "linux" ? new Epoll(libc) : new Kqueue(libc);
}
