/** Host interfaces that few guests need are loaded for those that do. */

import type { InterfaceFactories } from "../../../wasi/host.ts";

/**
 * The interfaces that are not always there.
 *
 * @param names What a guest imports and exports.
 */
export async function extraInterfaces(names: readonly string[]): Promise<InterfaceFactories> {
  const imports = (name: string): boolean => names.some((each) => each.startsWith(`${name}/`));
  const [sockets, http] = await Promise.all([
    imports("wasi:sockets") ? import("../../../wasi/p2/socket_interfaces.ts") : undefined,
    imports("wasi:http") ? import("../../../wasi/p2/http/mod.ts") : undefined,
  ]);
  return { ...sockets?.SOCKET_INTERFACES, ...http?.HTTP_INTERFACES };
}
