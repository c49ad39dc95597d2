/**
 * Preview 1 with typed parameters: no pointers, no guest memory, no exceptions but the end of the guest.
 *
 * The call `fd_read` is the method `fd.read` of {@linkcode System}, and so on for every call: the prefix names the part.
 * A call returns an errno; all other results go into an object that the caller passes and owns, so that a
 * call that succeeds allocates nothing (RATIONALE "Why do results go into objects that the caller owns?").
 *
 * No call waits but `poll.oneoff` and `poll.waitFd`: reads and writes on a descriptor that is not ready return `AGAIN`,
 * whether it blocks or not. A caller that wants to block calls `waitFd` and tries again.
 *
 * Paths are strings as the guest gave them. Source of all calls: wasi_snapshot_preview1.witx (WebAssembly/WASI@1ad15f3).
 *
 * @module
 */

import type { PlatformSocket } from "../contract/network.ts";
import type { Platform, PlatformStdio } from "../contract/platform.ts";
import { type Mount, nestMounts } from "../core/fs/mounted_directory.ts";
import { PathResolver } from "../core/fs/path_resolver.ts";
import type { HeldStdio } from "../core/io/held_bytes.ts";
import type { GuestWaiter } from "../core/io/wait.ts";
import { ClockCalls } from "./clock.ts";
import { FdCalls } from "./fd_calls.ts";
import { FdTable } from "./fd_table.ts";
import { PathCalls } from "./path_calls.ts";
import { PollCalls } from "./poll_calls.ts";
import { insertPreopens } from "./preopens.ts";
import { ProcCalls, RandomCalls, SchedCalls, StringCalls } from "./process_calls.ts";
import { SocketCalls, type SocketCallsOptions } from "./socket_calls.ts";
import type { SystemContext } from "./system_context.ts";

/** Options of a system. */
export interface SystemOptions extends SocketCallsOptions {
  /** The host. */
  readonly platform: Platform;
  /** Waits for the guest. */
  readonly waiter: GuestWaiter;
  /** Mounts, in the order of their descriptors, which follow those of the preopened sockets. */
  readonly mounts: readonly Mount[];
  /** Sockets that are open when the guest starts, from descriptor 3 on. */
  readonly sockets?: readonly PlatformSocket[] | undefined;
  /** Descriptors that may be open at once. */
  readonly maxOpenFiles: number;
  /** Called with a path below no preopen, which Go's libc passes with descriptor -1. */
  readonly onMissingPreopen?: ((path: string) => void) | undefined;
  /** Arguments, the program's name first. */
  readonly args: readonly string[];
  /** `NAME=VALUE` pairs. */
  readonly environ: readonly string[];
  /** Descriptors 0, 1 and 2. */
  readonly stdio: PlatformStdio;
  /** What another interface of the guest holds of them; undefined if there is none. */
  readonly heldStdio?: HeldStdio | undefined;
  /** True if descriptors 0, 1 and 2 are NONBLOCK from the start. */
  readonly nonBlockingStdio: boolean;
  /**
   * True to end the guest as by SIGPIPE when nobody reads its standard output any more. Default: false; the write fails.
   */
  readonly endOnBrokenPipe?: boolean;
}

/** Preview 1 over a platform, composed of one part for each prefix of its calls. */
export class System {
  /** Descriptors. */
  readonly table: FdTable;
  /** Arguments. */
  readonly args: StringCalls;
  /** Environment variables, as `NAME=VALUE`. */
  readonly environ: StringCalls;
  /** Clocks. */
  readonly clock: ClockCalls;
  /** Descriptors and what is open at them. */
  readonly fd: FdCalls;
  /** Paths. */
  readonly path: PathCalls;
  /** Waiting. */
  readonly poll: PollCalls;
  /** The end of the guest. */
  readonly proc: ProcCalls = new ProcCalls();
  /** Random bytes. */
  readonly random: RandomCalls;
  /** Yielding. */
  readonly sched: SchedCalls;
  /** Sockets. */
  readonly sock: SocketCalls;
  readonly #mounts: readonly Mount[];

  /**
   * @param options Its options.
   * @throws {TypeError} If an argument or a variable can't be encoded.
   * @throws {RangeError} If `maxOpenFiles` is too small for what is open from the start.
   */
  constructor(options: SystemOptions) {
    const { platform, waiter, mounts } = options;
    const table = new FdTable(options.maxOpenFiles);
    const context: SystemContext = { table, platform, waiter, resolver: new PathResolver() };
    this.table = table;
    this.args = new StringCalls(options.args);
    this.environ = new StringCalls(options.environ);
    this.clock = new ClockCalls(platform.clock);
    this.fd = new FdCalls(context);
    this.path = new PathCalls(context, options.onMissingPreopen);
    this.poll = new PollCalls(context);
    this.random = new RandomCalls(platform.random);
    this.sched = new SchedCalls(waiter);
    this.sock = new SocketCalls(context, options);
    this.#mounts = mounts;
    nestMounts(mounts);
    insertPreopens(table, options);
  }

  /** Close everything that is open, and the roots of the mounts. */
  close(): void {
    for (const descriptor of this.table.drain()) descriptor.object.close();
    for (const mount of this.#mounts) mount.close();
  }
}
