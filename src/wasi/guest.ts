/** What host interfaces get of the guest that they serve. */

import type { WebRequest, WebResponse } from "../contract/web_types.ts";
import type { PlatformClock, PlatformRandom } from "../contract/platform.ts";
import type { OpenTls } from "../contract/tls.ts";
import type { Mount } from "../core/fs/mounted_directory.ts";
import type { OpenStream } from "../core/io/stream.ts";
import type { GuestWaiter } from "../core/io/wait.ts";
import type { GuestNetwork, OnRefused } from "../core/net/guest_network.ts";

/**
 * A guest as host interfaces see it. What is open here belongs to the caller: an interface closes what it opens, and
 * never a stream, a mount or the network.
 */
export interface WasiGuest {
  /** Arguments, the program's name first. */
  readonly args: readonly string[];
  /** Environment variables: names and values. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Working directory, an absolute path in the guest. */
  readonly cwd: string;
  /** Clocks. `waiter.clock` is the same object. */
  readonly clock: PlatformClock;
  /** Random bytes. */
  readonly random: PlatformRandom;
  /** Waits for the guest; its mode says whether by blocking or suspended. */
  readonly waiter: GuestWaiter;
  /** Standard input. */
  readonly stdin: OpenStream;
  /** Standard output. */
  readonly stdout: OpenStream;
  /** Standard error. */
  readonly stderr: OpenStream;
  /** Preopened directories, in order. Those that lie inside others are nested in them. */
  readonly mounts: readonly Mount[];
  /** The network, or undefined if the guest has none: every operation on a socket is then refused. */
  readonly network: GuestNetwork | undefined;
  /** To be called when a guest without a network is refused an operation. */
  readonly onRefused: OnRefused | undefined;
  /** Answers requests of `wasi:http/outgoing-handler` in place of the network. */
  readonly fetch?: ((request: WebRequest) => WebResponse | Promise<WebResponse>) | undefined;
  /** Loads TLS for its requests of HTTP; undefined if there is none, or if the guest is not suspended while it waits. */
  readonly tls?: (() => Promise<OpenTls>) | undefined;
  /** Handles that may be open at once (u32). */
  readonly maxOpenFiles: number;
  /**
   * End the guest, which can't catch it.
   *
   * @param code Exit code (u32).
   */
  exit(code: number): never;
  /**
   * To be called when a write to standard output or standard error fails with `PIPE`. It does not return if the caller
   * wants the guest to end then, as by SIGPIPE.
   */
  brokenPipe(): void;
}
