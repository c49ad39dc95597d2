/**
 * The packages of stealthrocket/net, and where their compiled tests are.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ServerName } from "./servers.ts";

/** How the library looks up names: by Go's own resolver, or by `sock_getaddrinfo` (its build tag `getaddrinfo`). */
export type Mode = "plain" | "getaddrinfo";

/** A package of the library. */
export interface Package {
  /** Name of the package. */
  readonly name: string;
  /** The server that its tests talk to, if they do not bring it along. */
  readonly server?: ServerName;
}

/** All modes. */
export const MODES: readonly Mode[] = ["plain", "getaddrinfo"];

/** All packages that have tests. */
export const PACKAGES: readonly Package[] = [
  { name: "wasip1" },
  { name: "http" },
  { name: "websocket" },
  { name: "grpc" },
  { name: "ttrpc" },
  { name: "redis", server: "redis" },
  { name: "memcache", server: "memcached" },
  { name: "postgres", server: "postgres" },
  { name: "mysql", server: "mariadb" },
];

const LAYOUT =
  "It has a folder for each mode (plain, getaddrinfo) with one test binary for WASI preview 1 per package: " +
  PACKAGES.map(({ name }) => `${name}.test`).join(", ");

/** The folder of the compiled tests. @throws {Error} When the user named none, or it is none. */
export function findTests(folder: string | undefined): string {
  if (folder === undefined || folder === "") {
    throw new Error(`Set STEALTHROCKET_TESTS to the folder of the compiled tests of stealthrocket/net. ${LAYOUT}`);
  }
  const root = resolve(folder);
  if (!MODES.some((mode) => isFolder(join(root, mode)))) {
    throw new Error(`STEALTHROCKET_TESTS names ${root}, which has no compiled tests. ${LAYOUT}`);
  }
  return root;
}

/** Path of a test binary. */
export function binaryOf(tests: string, { name }: Package, mode: Mode): string {
  return join(tests, mode, `${name}.test`);
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
