/** The lines of a trace: one for each call of the guest, though it may be asked of the system more than once. */

import { Errno, errnoName } from "../witx/errno.ts";

/** What a system answers. */
export type Answer = Errno | Promise<Errno>;

/** An import, as the guest calls it. */
export type ImportFunction = (...args: never[]) => Answer | void;

/** A call of the system. */
export interface Call {
  /** Its witx name. */
  readonly name: string;
  /** Its descriptor, or -1. */
  readonly fd: number;
  /** Name and what it was given: `fd_close(3)`. */
  readonly text: string;
  /** What came of it, if it succeeded. */
  got(): string;
}

interface Line {
  readonly call: Call;
  readonly errno: Errno;
  readonly text: string;
}

/** Calls that wait on a blocking descriptor: after AGAIN the system is asked to wait, and then the same again. */
const RETRIED: readonly string[] = [
  "fd_read",
  "fd_write",
  "sock_accept",
  "sock_recv",
  "sock_recv_from",
  "sock_send",
  "sock_send_to",
];

/** Writes the lines. A call that did not return, because it ended the guest, is a line without `=>`. */
export class TraceLog {
  readonly #write: (line: string) => void;
  /** The import that the guest called, until it answers or waits. */
  #import: string | undefined;
  /** True if the import has asked the system for what it is. */
  #isAsked = false;
  /** The latest line, as long as it may still turn out that the guest is answered otherwise. */
  #held: Line | undefined;
  /** Names of calls that waited and will be asked again, by their descriptors. */
  readonly #waited: Map<number, string> = new Map();

  /** @param write Takes a line, without a newline. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** True while the guest is in an import, of this descriptor if the import may have waited. */
  isIn(name: string, fd = -1): boolean {
    return this.#import === name || this.#waited.get(fd) === name;
  }

  /** Ask the system, and tell of it. */
  ask(call: Call, ask: () => Answer): Answer {
    this.#release();
    this.#waited.delete(call.fd);
    if (this.#import === call.name) this.#isAsked = true;
    return this.#follow(call, ask, (errno) => this.#tell(call, errno));
  }

  /** Tell of a call that never returns, before it is made. */
  tellLast(call: Call): void {
    this.#release();
    this.#write(call.text);
  }

  /** Tell of a call that can't fail. */
  tellSucceeded(call: Call): void {
    this.ask(call, () => Errno.SUCCESS);
  }

  /** Let the system wait on behalf of the call that has just answered AGAIN: only if it gives up, that is its answer. */
  wait(fd: number, wait: () => Answer): Answer {
    const held = this.#held;
    if (held?.errno !== Errno.AGAIN || held.call.fd !== fd) {
      this.#release();
      return wait();
    }
    this.#held = undefined;
    return this.#follow(held.call, wait, (errno) => {
      if (errno === Errno.SUCCESS) this.#waited.set(fd, held.call.name);
      else this.#write(textOf(held.call, errno));
    });
  }

  /**
   * Watch an import: what the guest is answered decides, and what fails before the system is asked is told as well, with
   * the numbers that the guest gave.
   */
  watch(name: string, fn: ImportFunction): ImportFunction {
    const own = name.replace(/_v2$/, "").replace(/^epoll_/, "poll_");
    return (...args) => {
      this.#import = own;
      this.#isAsked = false;
      let answer: Answer | void;
      try {
        answer = fn(...args);
      } catch (error) {
        this.#release();
        throw error;
      } finally {
        this.#import = undefined;
      }
      return this.#answered(`${own}(${args.join(", ")})`, own, answer);
    };
  }

  #answered(text: string, name: string, answer: Answer | void): Answer | void {
    const held = this.#held;
    if (typeof answer === "number" && held?.call.name === name) {
      this.#held = undefined;
      this.#write(answer === held.errno ? held.text : textOf(held.call, answer));
      return answer;
    }
    this.#release();
    if (this.#isAsked || answer === undefined) return answer;
    const call = { name, fd: -1, text, got: () => "" };
    return this.#follow(call, () => answer, (errno) => this.#write(textOf(call, errno)));
  }

  #follow(call: Call, ask: () => Answer, tell: (errno: Errno) => void): Answer {
    const fail = (error: unknown): never => {
      this.#write(call.text);
      throw error;
    };
    let answer: Answer;
    try {
      answer = ask();
    } catch (error) {
      return fail(error);
    }
    if (typeof answer !== "number") {
      return answer.then((errno) => {
        tell(errno);
        return errno;
      }, fail);
    }
    tell(answer);
    return answer;
  }

  #tell(call: Call, errno: Errno): void {
    this.#release();
    const line = { call, errno, text: textOf(call, errno) };
    const isRetried = errno === Errno.AGAIN && RETRIED.includes(call.name);
    if (this.#import === undefined && !isRetried) return this.#write(line.text);
    this.#held = line;
    // Nobody may wait, and nobody may call again.
    if (this.#import === undefined) queueMicrotask(() => this.#held === line && this.#release());
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#write(held.text);
  }
}

function textOf(call: Call, errno: Errno): string {
  const result = errno === Errno.SUCCESS ? call.got() : "";
  return `${call.text} => ${result || errnoName(errno)}`;
}
