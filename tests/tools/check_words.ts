/**
 * Checks comments and documentation for phrases that are not idiomatic English, and says what to write.
 *
 * `node tests/tools/check_words.ts`.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const ROOT = join(import.meta.dirname, "..", "..");

/** Where the phrases may not occur. */
const CHECKED = [
  "*.md",
  "docs/*.md",
  "mod.ts",
  "src/*.md",
  "src/**/*.ts",
];

/** Phrases and what to write. `\s` also matches a wrapped line of a comment. */
const PHRASES: Readonly<Record<string, string>> = {
  "makes? no memory": "does not allocate",
  "gives? (it|them|this|the \\w+( \\w+)?) back": "returns it; does not block",
  "as (HTTP|Linux|POSIX|Python|\\w+\\(\\d\\))[^ ]* (has|does) it": "as in Linux",
  "(is|are|was|were|be) told\\b(?! (to|where|why|which))": "is notified, receives, is reported",
  "told of\\b": "receives, is called with",
  "what (it|they|that|a \\w+) (is|are) made of": "its parts",
  "(is|are|was) asked (of|for|whether)\\b": "is queried, is requested",
  "may be given( again)?": "repeatable",
  "(can|could|may|can't) be had": "is available",
  "(is|are) to be had": "is available",
  "hand(s|ed)? on\\b": "passes on",
  "(strike|struck|strikes) off": "removes",
  "\\bbe it (a|an|the|by|so|as|made)\\b": "whether",
  "\\bthat (is|are) none\\b": "that is not one",
  "\\bso to say\\b": "(leave it out)",
  "\\bas it were\\b": "(leave it out)",
  "\\bin the clothes of\\b": "mapped",
  "there is something of": "exists",
  "\\bwhat it was (given|passed)\\b": "its arguments",
  "\\bwhat came of\\b": "the result of",
  "\\bWho wants\\b": "a caller that needs",
  "\\bthe time of day\\b": "the wall clock",
  "nobody is there": "(say what is missing)",
  "an answer of\\b": "a result of",
  "\\b(answers?|answering) (0|minus|`\\w+`|undefined|true|false|no|none|nothing|what|whether)\\b": "returns",
  "\\bnothing is told\\b": "is reported",
  "\\btells? (of|why|about)\\b": "reports, explains",
};

const PATTERN = new RegExp(
  Object.keys(PHRASES).map((phrase) => `(?:${phrase.replaceAll(" ", "(?: |\\s*\\n\\s*(?:\\*|//)?\\s*)")})`).join("|"),
  "gi",
);

/** Where a text has a phrase, as `file:line: phrase`. */
function found(path: string): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [...text.matchAll(PATTERN)].map(({ 0: phrase, index }) => {
    const line = text.slice(0, index).split("\n").length;
    const flat = phrase.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ");
    return `${path}:${line}: "${flat}": write: ${adviceFor(flat)}`;
  });
}

function adviceFor(phrase: string): string {
  return Object.entries(PHRASES).find(([pattern]) => new RegExp(pattern, "i").test(phrase))?.[1] ?? "";
}

const checked = globSync(CHECKED, { cwd: ROOT });
const complaints = checked.flatMap(found);
for (const complaint of complaints) console.error(complaint);
console.log(`${checked.length} files, ${complaints.length} phrases to rewrite`);
process.exitCode = complaints.length === 0 ? 0 : 1;
