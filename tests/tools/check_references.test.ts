import { describe, expect, test } from "vitest";
import { brokenCommands, brokenLinks, brokenPaths, headingsOf, unknownSections } from "./check_references_text.ts";

describe("the check of references", () => {
  test("finds a section that RATIONALE does not have, in a comment that wraps its title", () => {
    const text = ' * One (FILE "Why is\n * it so?"). Two (FILE "Why not?").\n'.replaceAll("FILE", "RATIONALE");
    expect(unknownSections("a.ts", text, ["Why is it so?"])).toEqual(['a.ts:2: RATIONALE has no section "Why not?"']);
  });

  test("finds links to files and headings that do not exist, and leaves URLs alone", () => {
    const text = "# On `a`, b\n\n[a](#on-a-b) [b](#c)\n[c](x.md#d) [d](y.md) [e](https://example.com/#f)\n";
    const linked = (target: string): string | undefined => target === "x.md" ? "## D\n" : undefined;
    expect(brokenLinks("A.md", text, linked)).toEqual([
      "A.md:3: the link #c leads nowhere",
      "A.md:4: the link y.md leads nowhere",
    ]);
    expect(headingsOf(text)).toEqual(["On `a`, b"]);
  });

  test("finds paths that do not exist", () => {
    const text = "`src/a.ts` and\n`src/b/` and `other/c`\n";
    expect(brokenPaths("A.md", text, (file) => file === "src/a.ts")).toEqual(["A.md:2: src/b/ does not exist"]);
  });

  test("finds scripts and options that do not exist", () => {
    const text =
      "`npm run nothing` `npm run check`\n\n```sh\nwasirun --dir . --such=1 app.wasm --guest\nother --x a.wasm\n```\n";
    expect(brokenCommands("A.md", text, { scripts: ["check"], options: ["--dir"] })).toEqual([
      "A.md:1: there is no npm run nothing",
      "A.md:3: wasirun has no option --such",
    ]);
  });
});
