/**
 * The hosts that the suites run on: wasirun on each runtime, or another program with the flags of wasi-go's command.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { findRuntime, type RuntimeName } from "../conformance/runtimes.ts";
import type { Host } from "./execute.ts";

/**
 * wasirun on a runtime. The guest gets an empty folder as its /tmp and nothing else of the file system, so that it
 * looks up names with the /etc/resolv.conf and /etc/hosts that wasirun makes.
 *
 * @throws {Error} The runtime is not there.
 */
export function runtimeHost(name: RuntimeName): Host {
  const runtime = findRuntime(name);
  if (!("command" in runtime)) throw new Error(`Cannot run on ${name}: ${runtime.reason}`);
  return {
    name,
    command: (scratch, dnsServer) => [
      ...runtime.command,
      ...["--dir", `${scratch}::/tmp`, "--env", "TMPDIR=/tmp", "--allow-net", "--dns-server", dnsServer],
    ],
  };
}

/**
 * wasi-go's command opens /dev/stdout and /dev/stderr, which cannot be opened where they are sockets, as they are in the
 * children of Node.
 */
const THROUGH_FILES = `"$@" >stdout 2>stderr; status=$?; cat stdout; cat stderr >&2; exit $status`;

/**
 * Another program. It gets the whole file system under its own names, as the library's own tests do.
 *
 * @throws {Error} It is not there.
 */
export function foreignHost(path: string): Host {
  const program = resolve(path);
  if (!existsSync(program)) throw new Error(`--host names ${program}, which does not exist`);
  return {
    name: basename(program),
    command: (scratch, dnsServer) => [
      ...["sh", "-c", THROUGH_FILES, "sh", program],
      ...["--dir=/", `--env=TMPDIR=${scratch}`, `--dns-server=${dnsServer}`],
    ],
  };
}
