/** Every number and layout of the posix platform, against the headers of the system that it is of. */

import process from "node:process";
import { describe, expect, test } from "vitest";
import { errnoFromError } from "../../src/platform/shared/errors.ts";
import type { Target } from "../../src/platform/posix/target/target.ts";
import { darwin } from "../../src/platform/posix/target/darwin.ts";
import { linux } from "../../src/platform/posix/target/linux.ts";
import { targetOf } from "../../src/platform/posix/target/current.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { complaintsFor, hasCompiler, hasZig, runC } from "../tools/c_headers.ts";
import {
  assertingSource,
  assumedFacts,
  errnoFacts,
  type Fact,
  layoutFacts,
  namedFacts,
  numberFacts,
  printingProgram,
  structFacts,
} from "./c_facts.ts";

function factsOf(target: Target): Fact[] {
  const groups = [numberFacts, assumedFacts, namedFacts, layoutFacts, structFacts, errnoFacts];
  return groups.flatMap((group) => {
    const facts = group(target);
    expect(facts.length, group.name).toBeGreaterThan(0);
    return facts;
  });
}

/** Systems by the names of the headers that Zig has. */
const OTHERS: Readonly<Record<string, () => Target>> = {
  "x86_64-linux-gnu": () => linux("x64"),
  "x86_64-linux-musl": () => linux("x64"),
  "aarch64-linux-gnu": () => linux("arm64"),
  "aarch64-linux-musl": () => linux("arm64"),
  "aarch64-macos": darwin,
};

const own = targetOf(process.platform, process.arch);

test.skipIf(own === undefined || !hasCompiler())("the headers of this machine say what the sources say", () => {
  const facts = factsOf(own!);
  const values = runC(printingProgram(own!, facts)).trimEnd().split("\n").map(Number);
  expect(facts.map(([expression], i) => [expression, values[i]])).toEqual(facts);
});

describe.skipIf(!hasZig())("the headers that Zig has say what the sources say", () => {
  test.each(Object.keys(OTHERS))("of %s", (system) => {
    const target = OTHERS[system]!();
    expect(complaintsFor(system, assertingSource(target, factsOf(target)))).toEqual([]);
  });

  test("and not what is wrong", () => {
    const source = assertingSource(linux("arm64"), [["O_DIRECTORY", 0o200000], ["O_CREAT", 0o100]]);
    expect(complaintsFor("aarch64-linux-musl", source)).toHaveLength(1);
  });
});

describe("the numbers of errors", () => {
  /** What `errors.ts` has of macOS: on Linux these numbers are others. */
  const DARWIN_ONLY = [62, 63, 66, 69];

  const osErrno = (number: number): Errno => errnoFromError(new Error(`failed (os error ${number})`));

  test("are the same as in errors of the runtimes", () => {
    const different = linux("x64").errnos.flatMap((errno, number) => {
      const other = osErrno(number);
      const isKnown = number > 0 && other !== Errno.IO && !DARWIN_ONLY.includes(number);
      return isKnown && other !== errno ? [`${number}: ${errnoName(errno)}, not ${errnoName(other)}`] : [];
    });
    expect(different).toEqual([]);
    for (const number of DARWIN_ONLY) expect(osErrno(number), String(number)).toBe(darwin().errnos[number]);
  });

  test("that are not known are IO", () => {
    for (const target of [linux("x64"), darwin()]) expect(target.errnos[133] ?? Errno.IO).toBe(Errno.IO);
  });
});
