/**
 * What `swap.c` does, for a machine without a C compiler: the same arguments, a tenth as many swaps.
 *
 * @module
 */

import fs from "node:fs";
import process from "node:process";

const ROUNDS = 64;

function attempt(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    // The guest was there first.
    return false;
  }
}

function exchange(a: string, b: string): void {
  const other = `${a}.other`;
  attempt(() => fs.renameSync(a, other));
  attempt(() => fs.renameSync(b, a));
  attempt(() => fs.renameSync(other, b));
}

function move(a: string, b: string): void {
  if (!attempt(() => fs.renameSync(a, b))) attempt(() => fs.renameSync(b, a));
}

function replace(name: string, target: string): void {
  attempt(() => fs.unlinkSync(name));
  if (!attempt(() => fs.symlinkSync(target, name))) return;
  attempt(() => fs.unlinkSync(name));
  attempt(() => fs.writeFileSync(name, "", { flag: "wx" }));
}

const OPERATIONS: Readonly<Record<string, (a: string, b: string) => void>> = { exchange, move, replace };

const parent = process.ppid;
const swaps = process.argv.slice(2);
process.stdout.write("ready\n");
while (process.ppid === parent) {
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i + 2 < swaps.length; i += 3) OPERATIONS[swaps[i]!]!(swaps[i + 1]!, swaps[i + 2]!);
  }
  // Lets what was written go out.
  await new Promise((resolve) => setImmediate(resolve));
}
