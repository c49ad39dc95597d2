/** The tables. */

import { PROCESSORS } from "../network/machine.ts";
import { NATIVE } from "./hosts.ts";
import type { Answers, Measured } from "./measure.ts";
import type { Answer } from "./program.ts";

const NAME_WIDTH = 28;
const CELL_WIDTH = 10;
/** What is kept of a message. */
const MESSAGE_CHARACTERS = 200;

/** Middle of the rounds of a host, or undefined if it failed or was not asked. */
export function medianNs(answers: readonly Answer[] | undefined): number | undefined {
  const ns = (answers ?? []).flatMap((answer) => "ns" in answer ? answer.ns : []);
  if (ns.length === 0 || ns.length < (answers ?? []).length) return undefined;
  return ns.sort((a, b) => a - b)[ns.length >> 1];
}

/** A table of ns, one of ratios to the native program, what could not be measured, and how busy the machine was. */
export function tablesOf(measured: readonly Measured[], names: readonly string[]): string {
  const answers: Answers = new Map(measured.flatMap((part) => [...part.answers]));
  const ns = table(answers, names, (_, own) => own.toFixed(own < 100 ? 1 : 0));
  const ratios = table(answers, names, (native, own) => native === undefined ? "-" : (own / native).toFixed(2));
  return [
    `ns of a call\n${ns}`,
    `times the native program's\n${ratios}`,
    ...failures(answers),
    othersText(measured.flatMap(({ others }) => others)),
  ].join("\n\n");
}

function table(
  answers: Answers,
  names: readonly string[],
  text: (native: number | undefined, own: number) => string,
): string {
  const lines = [...answers].map(([operation, byHost]) => {
    const native = medianNs(byHost.get(NATIVE));
    const cells = names.map((name) => {
      const own = medianNs(byHost.get(name));
      return cell(own === undefined ? "-" : text(native, own));
    });
    return operation.padEnd(NAME_WIDTH) + cells.join("");
  });
  return [" ".repeat(NAME_WIDTH) + names.map(cell).join(""), ...lines].join("\n");
}

function cell(text: string): string {
  return text.padStart(CELL_WIDTH);
}

function failures(answers: Answers): string[] {
  const lines: string[] = [];
  for (const [operation, byHost] of answers) {
    for (const [name, each] of byHost) {
      const failed = each.find((answer) => "failure" in answer);
      if (failed !== undefined && "failure" in failed) {
        lines.push(`${name} can't do ${operation}: ${failed.failure.trim().slice(0, MESSAGE_CHARACTERS)}`);
      }
    }
  }
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function othersText(others: readonly number[]): string {
  if (others.length === 0) return "This system does not tell how busy it was with something else.";
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  return `Other processes used ${Math.max(0, mean).toFixed(2)} of ${PROCESSORS} processors in the mean: ` +
    "above 0.1 or so the ns are too high, and the ratios rough.";
}
