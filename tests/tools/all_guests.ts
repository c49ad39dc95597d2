/**
 * `npm run guests`: builds the guests of the tests, so that the tests find them ready. With `--all` also those of
 * toolchains that are heavy; what can't be built is listed with the reason.
 *
 * @module
 */

import process from "node:process";
import { allComponents } from "./component_guests.ts";
import { allGuests } from "./guests.ts";
import { buildGuest, GUEST_LANGUAGES } from "./language_guests.ts";
import { WASI_LIBC, wasiLibcComponent } from "./wasi_libc.ts";

const WASI_LIBC_SOURCES: readonly string[] = [
  "c/files.c",
  "component/wasi_libc/network.c",
  "component/wasi_libc/program.c",
];

/** The guests of heavy toolchains, as what builds them. */
function heavyGuests(): Map<string, () => Promise<string>> {
  const guests = new Map<string, () => Promise<string>>();
  for (const source of WASI_LIBC_SOURCES) {
    guests.set(`${source} on wasi-libc`, () => wasiLibcComponent(source));
  }
  for (const language of GUEST_LANGUAGES) guests.set(language, () => buildGuest(language));
  return guests;
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => arg !== "--all");
  if (unknown !== undefined) throw new TypeError(`Unknown option "${unknown}": there is only --all`);
  for (const guests of [await allGuests(), await allComponents()]) {
    for (const [name, build] of guests) console.log(`${name}: ${await build()}`);
  }
  if (args.length === 0) return;
  if (WASI_LIBC === undefined) console.log("WASIRUN_WASI_LIBC names no libc of wasm32-wasip2");
  for (const [name, build] of heavyGuests()) {
    try {
      console.log(`${name}: ${await build()}`);
    } catch (error) {
      console.log(`${name}: not built. ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}

await main(process.argv.slice(2));
