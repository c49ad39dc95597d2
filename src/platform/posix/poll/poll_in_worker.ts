/**
 * poll(2) in a thread of its own, for runtimes whose FFI has no asynchronous calls: Bun 1.4
 * (https://github.com/oven-sh/bun/issues/5490) and Node 26 (RATIONALE "Why does a thread wait
 * for descriptors?"). It is started by the first wait, and does not keep the process alive between two.
 */

import type { Worker } from "node:worker_threads";
import { currentRuntime } from "../../runtime.ts";

/** A thread that is to end can't while it is in poll(2): it looks up in intervals of this length (ms). */
const LOOK_UP_MS = 1000;

/** What runs in the thread: its text, so it names nothing from outside. */
function serve(library: string, lookUpMs: number, isBun: boolean): void {
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  process.emitWarning = () => {};
  const load = process.getBuiltinModule("node:module").createRequire("/");
  const ffi = load(isBun ? "bun:ffi" : "node:ffi");
  const types = isBun ? ["ptr", "i32", "i32"] : ["pointer", "i32", "i32"];
  const poll = isBun
    ? ffi.dlopen(library, { poll: { args: types, returns: "i32" } }).symbols.poll
    : ffi.dlopen(library, { poll: { arguments: types, return: "i32" } }).functions.poll;
  const pollfds = new Int32Array(4);
  const look = (fds: readonly [number, number]): void => {
    pollfds.set([fds[0], 1, fds[1], 1]);
    if (poll(pollfds, 2, lookUpMs) === 0) setImmediate(look, fds);
    else parentPort!.postMessage(0);
  };
  parentPort!.on("message", look);
}

function start(library: string, onEvent: () => void): Worker {
  const isBun = currentRuntime() === "bun";
  const text = `(${serve})(${JSON.stringify(library)}, ${LOOK_UP_MS}, ${isBun})`;
  const threads = process.getBuiltinModule("node:worker_threads");
  const started = new threads.Worker(text, { eval: true, stdin: false, stdout: false, stderr: false });
  started.on("message", () => {
    started.unref();
    onEvent();
  });
  return started;
}

/** Polls in a thread that the first call starts. @returns The function of `Ffi.pollLater`. */
export function pollInWorker(): (library: string, fd: number, otherFd: number) => Promise<void> {
  let worker: Worker | undefined;
  let resolve: (() => void) | undefined;
  return (library, fd, otherFd) => {
    worker ??= start(library, () => resolve?.());
    worker.ref();
    worker.postMessage([fd, otherFd]);
    return new Promise((done) => resolve = done);
  };
}
