/** Explains to users of stock Go why its network reaches nobody: on wasip1 it is simulated within the program. */

import { FAKE_NETWORK, waitsOnFakeListener } from "../../runtime/go/fake_network.ts";
import type { ReadModule } from "../../runtime/module/load.ts";
import { customSection, sectionsOf } from "../../runtime/module/wasm_reader.ts";
import type { RunResult } from "../../runtime/options/options.ts";

const LISTEN_ADVICE =
  "net.Listen of stock Go reaches nobody on wasip1; start the program with --listen ADDR and serve " +
  'net.FileListener(os.NewFile(3, "")), or use github.com/stealthrocket/net with --allow-net';

const DIAL_ADVICE = "net.Dial of stock Go reaches nobody on wasip1; start the program with --dial ADDR and use " +
  'net.FileConn(os.NewFile(3, "")), or use github.com/stealthrocket/net with --allow-net';

/** Name of the import by which a program opens a socket of the host. */
const OPEN_IMPORT = "sock_open";

/** Files that Go's resolver reads before it queries a name server. */
const RESOLVER_FILES = ["/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/hosts"];

/** True for a module built by Go's compiler. */
export function isGo({ bytes }: ReadModule): boolean {
  try {
    return bytes !== undefined && customSection(bytes, sectionsOf(bytes), "go:buildid") !== undefined;
  } catch {
    // It is no valid module: the engine says why.
    return false;
  }
}

/**
 * The hint for a Go program that has ended, if it used the simulated network.
 *
 * @param result How it ended.
 * @param module Its module.
 * @param said The end of its standard error.
 * @returns The hint, or undefined.
 */
export function goNetworkHint({ exitCode }: RunResult, module: ReadModule, said: string): string | undefined {
  if (exitCode === 0) return undefined;
  if (waitsOnFakeListener(exitCode, said)) {
    return `the program waits for connections that can't come: ${LISTEN_ADVICE}`;
  }
  const dials = /\bdial (?:tcp|udp)[^\n]*: (?:connect|write): |\blookup [^\n]* on [^\n]*: write udp /.test(said);
  return dials && hasOnlyFakeNetwork(module) ? `the program could not connect: ${DIAL_ADVICE}` : undefined;
}

/**
 * The hint for a program that opens a file outside all mounts, if it does so to look up a name on Go's own network.
 *
 * @param path The file.
 * @param module Its module.
 * @returns The hint, or undefined.
 */
export function goLookupHint(path: string, module: ReadModule): string | undefined {
  if (!RESOLVER_FILES.includes(path) || !isGo(module) || !hasOnlyFakeNetwork(module)) return undefined;
  return `the program looks up a name, which can't be found: ${DIAL_ADVICE}`;
}

function hasOnlyFakeNetwork({ bytes }: ReadModule): boolean {
  if (bytes === undefined) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return text.includes(FAKE_NETWORK) && !text.includes(OPEN_IMPORT);
}
