/** Deno's permissions. */

import { type SocketAddress } from "../../contract/network.ts";
import { addressText } from "../../contract/address.ts";
import type { DenoNamespace, DenoPermission } from "./api.ts";

/** A permission by its name, without limits. */
type PermissionName = (DenoPermission & { path?: undefined; host?: undefined })["name"];

/** All that `--allow-all` grants: Deno requires it for /proc (https://github.com/denoland/deno/issues/23703). */
const ALL: readonly PermissionName[] = ["read", "write", "net", "run", "env", "sys", "ffi", "import"];

/** @returns True if the process may reach an address; the user is not asked. */
export function mayReach(deno: DenoNamespace, address: SocketAddress): boolean {
  return deno.permissions.querySync({ name: "net", host: addressText(address) }).state === "granted";
}

/** @returns True if permissions are granted, each without any exception; the user is not asked. */
export function isUnlimited(deno: DenoNamespace, names: readonly PermissionName[]): boolean {
  return names.every((name) => {
    const { state, partial } = deno.permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
}

/** @returns True if everything is granted. */
export function isAllAllowed(deno: DenoNamespace): boolean {
  return isUnlimited(deno, ALL);
}
