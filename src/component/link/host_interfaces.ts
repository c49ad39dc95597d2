/** Host interfaces, as the linker looks them up. */

import type { HostFunction } from "./function.ts";
import type { ResourceType } from "./resource_type.ts";

/** An interface of the host, for one guest. */
export interface HostInterface {
  /** Functions by their WIT names: `now`, `[method]input-stream.read`, `[static]…`, `[constructor]…`. */
  readonly functions: Readonly<Record<string, HostFunction>>;
  /** Resource types by their WIT names. */
  readonly resources: Readonly<Record<string, ResourceType<never>>>;
}

/** Host interfaces of one guest. */
export interface HostInterfaces {
  /**
   * Find an interface.
   *
   * @param name Its name without patch version: `wasi:io/streams@0.2`; `my:package/interface` if it has no version.
   * @returns The interface; undefined if the host has none of this name.
   */
  find(name: string): HostInterface | undefined;
}

/**
 * The name of an interface without the part of its version that does not matter for compatibility.
 *
 * @param name For example `wasi:io/streams@0.2.3`.
 * @returns `wasi:io/streams@0.2`; with major version 1 or above, only that remains; a prerelease is kept as it is.
 */
export function compatibleName(name: string): string {
  return name.replace(/@(?:(0\.[1-9]\d*)|([1-9]\d*)\.\d+)\.\d+(?:\+.*)?$/, (_, minor?: string, major?: string) => {
    return `@${minor ?? major}`;
  });
}
