/** Host interfaces that few guests need are loaded for those that do. */

import type { InterfaceFactories } from "../../../wasi/host.ts";

/**
 * The interfaces that are not always there.
 *
 * @param names What a guest imports and exports.
 */
export async function extraInterfaces(names: readonly string[]): Promise<InterfaceFactories> {
  if (!names.some((name) => name.startsWith("wasi:http/"))) return {};
  return (await import("../../../wasi/p2/http/mod.ts")).HTTP_INTERFACES;
}
