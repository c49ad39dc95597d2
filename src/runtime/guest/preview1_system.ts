/** Preview 1 over the environment of a guest. */

import { System, type SystemOptions } from "../../preview1/system.ts";
import type { HeldStdio } from "../../core/io/held_bytes.ts";
import type { GuestEnvironment } from "../environment/environment.ts";

type SharedOptions = Partial<Pick<SystemOptions, "network" | "sockets" | "onRefused" | "heldStdio">>;

/** Descriptors that may be open at once unless the caller says otherwise. */
const DEFAULT_MAX_OPEN_FILES = 1024;

/**
 * Make the system of a guest, which closes what is open in the environment.
 *
 * @param environment What the guest runs in.
 * @param programName Its first argument, unless the options name another.
 * @param heldStdio What another interface holds of the standard streams.
 */
export function preview1System(environment: GuestEnvironment, programName: string, heldStdio?: HeldStdio): System {
  const { network, sockets, onRefused } = environment;
  const system = systemOf(environment, programName, { network, sockets, onRefused, heldStdio });
  environment.handOver(system);
  return system;
}

/** As {@linkcode preview1System}, without the network: the guest uses that by other interfaces. */
export function preview1SystemWithoutNetwork(
  environment: GuestEnvironment,
  programName: string,
  heldStdio: HeldStdio,
): System {
  const system = systemOf(environment, programName, { heldStdio });
  environment.handOver({
    close() {
      system.close();
      environment.closeNetwork();
    },
  });
  return system;
}

function systemOf(environment: GuestEnvironment, programName: string, shared: SharedOptions): System {
  const { options, platform } = environment;
  return new System({
    platform,
    waiter: environment.waiter,
    args: environment.argumentsOf(programName),
    environ: environment.variables,
    mounts: environment.mounts,
    stdio: environment.stdio,
    nonBlockingStdio: options.nonBlockingStdio ?? false,
    endOnBrokenPipe: options.endOnBrokenPipe ?? false,
    maxOpenFiles: options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES,
    onMissingPreopen: options.onMissingPreopen,
    ...shared,
  });
}
