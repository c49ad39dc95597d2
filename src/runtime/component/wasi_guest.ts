/** The guest that host interfaces serve, made from the environment of a component. */

import type { PlatformStream } from "../../contract/platform.ts";
import { nestMounts } from "../../core/fs/mounted_directory.ts";
import { WasiExit, WasiSignal } from "../../core/guest/exit.ts";
import { OpenStream } from "../../core/io/stream.ts";
import type { WasiGuest } from "../../wasi/guest.ts";
import type { GuestEnvironment } from "../environment/environment.ts";

/** Handles that may be open at once unless the caller says otherwise. */
const DEFAULT_MAX_OPEN_FILES = 1024;
/** What writing to a pipe without a reader raises. */
const SIGPIPE = 13;

/**
 * Make the guest of the host interfaces.
 *
 * @param environment What the component runs in.
 * @param programName Its first argument, unless the options name another.
 * @throws {TypeError} If an argument can't be passed.
 */
export function wasiGuest(environment: GuestEnvironment, programName: string): WasiGuest {
  const { options, platform, stdio, mounts } = environment;
  nestMounts(mounts);
  const open = (stream: PlatformStream): OpenStream => new OpenStream(stream);
  return {
    args: environment.argumentsOf(programName),
    env: environment.variables.map(nameAndValue),
    cwd: environment.cwd,
    clock: platform.clock,
    random: platform.random,
    waiter: environment.waiter,
    stdin: open(stdio.stdin),
    stdout: open(stdio.stdout),
    stderr: open(stdio.stderr),
    mounts,
    network: environment.network,
    onRefused: environment.onRefused,
    tls: environment.mode === "suspend" && platform.tls !== undefined ? () => platform.tls!() : undefined,
    fetch: options.fetch as WasiGuest["fetch"],
    maxOpenFiles: options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES,
    exit(code: number): never {
      throw new WasiExit(code);
    },
    brokenPipe(): void {
      if (options.endOnBrokenPipe === true) throw new WasiSignal(SIGPIPE);
    },
  };
}

function nameAndValue(variable: string): readonly [string, string] {
  const equals = variable.indexOf("=");
  return [variable.slice(0, equals), variable.slice(equals + 1)];
}
