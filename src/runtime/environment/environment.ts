/** What a guest runs in. It belongs to no ABI: core modules and components use the same. */

import { addressText } from "../../contract/address.ts";
import type { PlatformSocket } from "../../contract/network.ts";
import type { Platform, WaitMode } from "../../contract/platform.ts";
import { Mount } from "../../core/fs/mounted_directory.ts";
import { Interrupt } from "../../core/io/interrupt.ts";
import { GuestWaiter } from "../../core/io/wait.ts";
import type { GuestNetwork, OnRefused } from "../../core/net/guest_network.ts";
import { cannotSuspend } from "../jspi.ts";
import { networkOf } from "../net/guest_network.ts";
import type { OpenNetwork } from "../net/network.ts";
import type { NetOptions, RunOptions } from "../options/options.ts";
import { GuestStdio } from "../stdio/guest_stdio.ts";
import { openMounts } from "./mounts.ts";
import { guestArguments, guestVariables } from "./strings.ts";

/** How long the end of a guest waits for a peer that does not read (ms). */
const FLUSH_MS = 2000;

/** Options of an environment. */
export interface EnvironmentOptions extends RunOptions {
  /** True if the guest may be closed while it waits. */
  readonly isClosable?: boolean;
}

/**
 * Open the environment of a guest.
 *
 * @param options Options of the caller.
 * @param platform The host.
 * @param mode How the guest waits.
 * @throws {MountError} If a directory can't be opened.
 * @throws {TypeError} If the options are wrong.
 */
export async function openEnvironment(
  options: EnvironmentOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<GuestEnvironment> {
  const network = await networkOf(options.net, platform, mode);
  try {
    return new GuestEnvironment(options, platform, mode, network);
  } catch (error) {
    network?.close();
    throw error;
  }
}

/** Arguments, variables, directories, streams and a network, open, and the way to wait for them. */
export class GuestEnvironment {
  /** What the caller asked for. */
  readonly options: RunOptions;
  /** The host. */
  readonly platform: Platform;
  /** How the guest waits. */
  readonly mode: WaitMode;
  /** Ends what the guest waits for; undefined if only the guest itself can end. */
  readonly interrupt: Interrupt | undefined;
  /** Waits for the guest. */
  readonly waiter: GuestWaiter;
  /** Standard streams. */
  readonly stdio: GuestStdio;
  /** Directories, in the order of the preopens. */
  readonly mounts: readonly Mount[];
  /** Working directory of the guest. */
  readonly cwd: string;
  /** Variables, as `NAME=VALUE`. */
  readonly variables: readonly string[];
  /** The network, or undefined if there is none. */
  readonly network: GuestNetwork | undefined;
  /** Sockets that are open when the guest starts. */
  readonly sockets: readonly PlatformSocket[];
  /** Called when a guest without a network is refused a socket. */
  readonly onRefused: OnRefused | undefined;
  readonly #network: OpenNetwork | undefined;
  #owner: { close(): void } | undefined;

  /**
   * @param options What the caller asks for.
   * @param platform The host.
   * @param mode How the guest waits.
   * @param network Its network, or undefined if it has none.
   * @throws {MountError} If a directory can't be opened.
   * @throws {TypeError} If the options are wrong.
   */
  constructor(options: EnvironmentOptions, platform: Platform, mode: WaitMode, network?: OpenNetwork) {
    checkSignal(options, mode);
    this.options = options;
    this.platform = platform;
    this.mode = mode;
    this.interrupt = options.signal === undefined && options.isClosable !== true ? undefined : new Interrupt();
    this.waiter = new GuestWaiter(platform, mode, this.interrupt);
    this.#network = network;
    this.sockets = network?.preopened ?? [];
    this.onRefused = firstRefusal(options.net);
    this.stdio = new GuestStdio(options, platform, mode);
    const mounts: Mount[] = [];
    try {
      mounts.push(...openMounts(options, platform));
      const env: Record<string, string | undefined> = { ...options.env, ...network?.env };
      const cwd = options.cwd ?? env["PWD"] ?? mounts[0]?.path;
      if (cwd !== undefined) env["PWD"] = cwd;
      this.cwd = cwd ?? "/";
      this.variables = guestVariables(env);
      if (network !== undefined && network.lacksEtc(mounts)) {
        mounts.push(new Mount("/etc", network.etc, { readOnly: true }));
      }
      this.network = network?.guestNetwork(mounts, this.cwd);
    } catch (error) {
      this.stdio.release();
      for (const mount of mounts) mount.close();
      throw error;
    }
    this.mounts = mounts;
  }

  /**
   * Arguments of the guest.
   *
   * @param programName The first one, unless the options name another.
   * @throws {TypeError} If one of them can't be passed.
   */
  argumentsOf(programName: string): string[] {
    return guestArguments(this.options, programName);
  }

  /** Let a system close what is open here: the directories and the sockets. */
  handOver(system: { close(): void }): void {
    this.#owner = system;
  }

  /** Close all that is open. Standard output is finished by {@linkcode finish}. */
  close(): void {
    if (this.#owner !== undefined) return this.#owner.close();
    for (const mount of this.mounts) mount.close();
    this.closeNetwork();
  }

  /** Close the sockets that were open when the guest started: for an owner that has only the directories. */
  closeNetwork(): void {
    this.#network?.close();
  }

  /** Close all that is open, and give web streams back as they were: the guest could not be started. */
  release(): void {
    this.stdio.release();
    this.close();
  }

  /** Close web streams, and wait for a moment until the sockets have sent what is queued. Never rejects. */
  async finish(): Promise<void> {
    await this.stdio.finish(this.options.signal);
    const flushed = this.#network?.network.flushed?.();
    if (flushed !== undefined) await atMost(flushed, FLUSH_MS);
  }
}

/** A guest that blocks the thread can't be aborted: the signal's event would not be dispatched. */
function checkSignal({ signal }: RunOptions, mode: WaitMode): void {
  signal?.throwIfAborted();
  if (signal !== undefined && mode === "block") throw new TypeError(`Cannot use options.signal: ${cannotSuspend()}`);
}

/** Without a network a guest can't even open a socket, so that the first refusal says it all. */
function firstRefusal(net: NetOptions | undefined): OnRefused | undefined {
  const report = net?.onRefused;
  if (report === undefined) return undefined;
  let isReported = false;
  return (action, target) => {
    if (!isReported) report({ action, target: typeof target === "string" ? target : addressText(target), rule: "*" });
    isReported = true;
  };
}

async function atMost(promise: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
