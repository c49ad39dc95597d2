import { describe, expect, test } from "vitest";
import { examplesIn } from "./check_docs_examples.ts";

const FENCE = "```";

describe("the search for code in the documentation", () => {
  test("finds a block of a comment, without the stars", () => {
    const text = `/**\n * Text.\n *\n * ${FENCE}ts\n * const a = 1;\n *\n *   a;\n * ${FENCE}\n */\n`;
    expect(examplesIn("src/a.ts", text)).toEqual([
      { language: "ts", place: "src/a.ts:4", file: "src_a_ts_4.ts", code: "const a = 1;\n\n  a;\n" },
    ]);
  });

  test("finds blocks of a member's comment, which is indented", () => {
    const text =
      `interface A {\n  /**\n   * ${FENCE}ts\n   * one;\n   * ${FENCE}\n   *\n   * ${FENCE}ts\n   * two;\n   * ${FENCE}\n   */\n}\n`;
    expect(examplesIn("a.ts", text).map(({ code }) => code)).toEqual(["one;\n", "two;\n"]);
  });

  test("finds blocks of Markdown, stars and all: those of TypeScript and of a shell", () => {
    const text = `# A\n\n${FENCE}ts\n* a;\n${FENCE}\n\n${FENCE}sh\nls\n${FENCE}\n\n${FENCE}go\nb\n${FENCE}\n`;
    expect(examplesIn("README.md", text).map(({ language, code }) => [language, code])).toEqual([
      ["ts", "* a;\n"],
      ["sh", "ls\n"],
    ]);
  });

  test("passes over a block that says why", () => {
    expect(examplesIn("README.md", `${FENCE}ts ignore: it needs a network\na;\n${FENCE}\n`)).toEqual([]);
  });

  test("fails on a block that is ignored without a reason", () => {
    expect(() => examplesIn("README.md", `\n${FENCE}ts ignore\na;\n${FENCE}\n`)).toThrow(/^README\.md:2: /);
  });
});
