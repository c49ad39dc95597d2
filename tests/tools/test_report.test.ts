import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readReport } from "./test_report.ts";

const ROOT = "/some/root";

function result(title: string, status: string, ...failureMessages: string[]): unknown {
  return { ancestorTitles: ["a group"], title, status, failureMessages };
}

test("a report tells what failed, what was retried and why", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-report-"));
  const path = join(folder, "node.json");
  const trace = [
    "\u001b[31mAssertionError: expected 1 to be 2\u001b[39m",
    `    at check (${ROOT}/node_modules/x.js:1:2)`,
    `    at ${ROOT}/tests/a.test.ts:3:4`,
  ].join("\n");
  const assertionResults = [
    result("passes", "passed"),
    result("fails", "failed", trace, "Error: of the second attempt"),
    result("passes the second time", "passed", "Error: once\nand more"),
    result("fails without an error", "failed"),
    result("is skipped", "skipped"),
    result("is still to be written", "todo"),
  ];
  try {
    const testResults = [
      { name: `${ROOT}/tests/a.test.ts`, message: "", assertionResults },
      { name: `${ROOT}/tests/b.test.ts`, message: "SyntaxError: no\nmore", assertionResults: [] },
    ];
    writeFileSync(path, JSON.stringify({ testResults }));
    const name = (title: string): string => `tests/a.test.ts > a group > ${title}`;
    expect(readReport(path, ROOT)).toEqual({
      passed: 2,
      failures: [
        { test: name("fails"), reason: "AssertionError: expected 1 to be 2 (tests/a.test.ts:3:4)" },
        { test: name("fails without an error"), reason: "no error was reported" },
      ],
      retried: [{ test: name("passes the second time"), reason: "Error: once" }],
      skipped: [name("is skipped"), name("is still to be written")],
      broken: [{ test: "tests/b.test.ts", reason: "SyntaxError: no" }],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
