/** Directories that an ordinary user may list, but not search. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inProcessOf } from "../posix/in_process.ts";
import { cGuest } from "../tools/guests.ts";

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const NAMES = Array.from({ length: 100 }, (_, i) => `file-${i}`).sort();
const FEW = NAMES.slice(0, 3);

interface Listings {
  readonly few: string[];
  readonly many: string[];
  readonly inos: string[];
  readonly again: string[];
  readonly searchable: string[];
}

let base = "";
let listings: readonly Listings[] = [];

beforeAll(async () => {
  base = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-listing-")));
  for (const [name, files] of Object.entries({ few: FEW, many: NAMES, searchable: FEW })) {
    fs.mkdirSync(join(base, "box", name), { recursive: true });
    for (const file of files) fs.writeFileSync(join(base, "box", name, file), "");
  }
  fs.mkdirSync(join(base, "cache"));
  fs.copyFileSync(await cGuest("readdir"), join(base, "readdir.wasm"));
  fs.chmodSync(base, 0o755);
  if (isRoot) execFileSync("chown", ["-R", String(NOBODY), base]);
  for (const name of ["few", "many"]) fs.chmodSync(join(base, "box", name), 0o600);
  const limits = isRoot ? { user: NOBODY, cache: join(base, "cache") } : {};
  const script = join(import.meta.dirname, "listing_process.ts");
  listings = await inProcessOf(script, [join(base, "box"), join(base, "readdir.wasm")], limits) as Listings[];
});

afterAll(() => {
  for (const name of ["few", "many"]) fs.chmodSync(join(base, "box", name), 0o700);
  fs.rmSync(base, { recursive: true, force: true });
});

/** What `readdir.c` prints. */
function printed(names: readonly string[]): string[] {
  const lines = ["directory .", "directory ..", ...names.map((name) => `file ${name}`)];
  return [...lines, `second pass: ${names.length + 2}`, "seekdir: same entry"];
}

test.each([["the runtime's own calls", 0], ["the runtime's own calls, by paths", 1], ["the system's calls", 2]])(
  "a guest of C lists a directory that may not be searched, by %s",
  (_platform, i) => {
    expect(listings[i]!.few).toEqual(printed(FEW));
    expect(listings[i]!.many).toEqual(printed(NAMES));
  },
);

test.each([["the runtime's own calls", 0], ["the runtime's own calls, by paths", 1]])(
  "numbers that are made up are never 0, differ, stay the same, and are those of no file, by %s",
  (_platform, i) => {
    const { inos, again } = listings[i]!;
    const numbers = new Set(inos.map((line) => BigInt(line.split(" ")[1]!)));
    expect(numbers.size).toBe(NAMES.length);
    for (const number of numbers) expect(number).toBeGreaterThanOrEqual(2n ** 63n);
    expect(again).toEqual(inos);
  },
);

test("where a directory may be searched, none is made up", () => {
  for (const i of [0, 1]) expect(listings[i]!.searchable).toEqual(FEW.map((name) => `${name} 0`));
});
