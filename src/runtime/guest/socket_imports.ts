/** Loads the imports for sockets only for modules that need them. */

import type { WasmModule } from "../../contract/web_types.ts";
import type { SocketImports } from "../../preview1/abi/sockets.ts";
import type { NetOptions } from "../options/options.ts";

/**
 * The imports for sockets.
 *
 * @param module The module of the guest.
 * @param net Options of the caller.
 * @returns Undefined if the module imports none of them.
 */
export async function socketImportsOf(
  module: WasmModule,
  net: NetOptions | undefined,
): Promise<SocketImports | undefined> {
  const opensPaths = net?.sockets === "path_open";
  const isNeeded = WebAssembly.Module.imports(module).some(({ name }) =>
    name.startsWith("sock_") || (opensPaths && name === "path_open")
  );
  return isNeeded ? (await import("../../preview1/abi/sockets.ts")).SOCKET_IMPORTS : undefined;
}
