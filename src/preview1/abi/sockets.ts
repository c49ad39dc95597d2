/**
 * The imports for sockets: the four of preview 1, and those of an extension. Most modules import none of them, so that
 * they are loaded only for those that do.
 *
 * @module
 */

import { SIGNATURES } from "../../witx/signatures.ts";
import { WASMEDGE_SIGNATURES, type WasmEdgeSignature } from "../../witx/wasmedge.ts";
import type { Abi } from "./abi.ts";
import { type ImportTable, importTable } from "./import_function.ts";
import { pathOpenWithSockets } from "./path_open_sockets.ts";
import { sockFunctions } from "./sock.ts";
import { SocketTransfers } from "./socket_transfers.ts";
import { type SocketDialect, wasmEdgeFunctions } from "./wasmedge.ts";

/** Which functions for sockets there are beside the four of preview 1. */
export type SocketFunctions = SocketDialect | "path_open" | "none";

/** What a module that imports functions for sockets needs. */
export interface SocketImports {
  /**
   * Make the functions.
   *
   * @param abi What the imports of the guest share.
   * @param functions Which ones there are.
   * @param table The other imports.
   */
  readonly add: (abi: Abi, functions: SocketFunctions, table: ImportTable) => ImportTable;
  /** Signatures of the extension. */
  readonly signatures: Readonly<Record<string, WasmEdgeSignature>>;
}

/** All imports for sockets. */
export const SOCKET_IMPORTS: SocketImports = { add: withSockets, signatures: WASMEDGE_SIGNATURES };

function withSockets(abi: Abi, functions: SocketFunctions, table: ImportTable): ImportTable {
  const transfers = new SocketTransfers(abi);
  const own = { ...table, ...importTable(abi, SIGNATURES, sockFunctions(abi, transfers)) };
  switch (functions) {
    case "none":
      return own;
    case "path_open": {
      const open = own["path_open"];
      return open === undefined ? own : { ...own, path_open: pathOpenWithSockets(abi, open) };
    }
    default:
      return { ...own, ...wasmEdgeFunctions(abi, transfers, functions, own) };
  }
}
