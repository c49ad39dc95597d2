/** The tables. */

import type { Case } from "./cases.ts";
import { NATIVE, WASI_GO } from "./hosts.ts";
import { PROCESSORS } from "./machine.ts";
import type { Sample, Samples } from "./measure.ts";

const NAME_WIDTH = 10;

/** What is printed of a host: medians. */
interface Row {
  readonly name: string;
  readonly rate: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
}

/** The tables of all cases, and how busy the machine was with something else. */
export function tablesOf(samples: Samples): string {
  const tables = [...samples].map(([row, byHost]) => tableOf(row, [...byHost].map(medians)));
  return [...tables, othersText(samples)].join("\n\n");
}

function medians([name, samples]: [string, readonly Sample[]]): Row {
  return {
    name,
    rate: median(samples, (sample) => sample.rate),
    cpuMicros: median(samples, (sample) => sample.cpuMicros),
    p50: median(samples, (sample) => sample.p50),
    p99: median(samples, (sample) => sample.p99),
    lost: samples.reduce((sum, { lost }) => sum + lost, 0),
  };
}

function tableOf({ title, unit }: Case, rows: readonly Row[]): string {
  const native = rows.find(({ name }) => name === NATIVE);
  const wasiGo = rows.find(({ name }) => name === WASI_GO);
  const head = [
    `${unit}s/s`,
    "x native",
    ...(wasiGo ? ["x wasi-go"] : []),
    "us of CPU",
    "x native",
    "p50 ms",
    "p99 ms",
  ];
  const lines = rows.map((row) => {
    const cells = [
      row.rate.toFixed(0),
      ratio(row.rate, native?.rate),
      ...(wasiGo ? [ratio(row.rate, wasiGo.rate)] : []),
      number(row.cpuMicros, 1),
      // What takes less is better: the other way round, so that a higher number is better here as well.
      ratio(native?.cpuMicros, row.cpuMicros),
      ...(wasiGo ? [ratio(wasiGo.cpuMicros, row.cpuMicros)] : []),
      row.p50 === 0 ? "-" : number(row.p50 / 1e3, 2),
      row.p99 === 0 ? "-" : number(row.p99 / 1e3, 2),
      ...(row.lost > 0 ? [`${row.lost} lost`] : []),
    ];
    return row.name.padEnd(NAME_WIDTH) + cells.map(cell).join("");
  });
  return [
    `${title} (us of CPU: of the server, for a ${unit})`,
    " ".repeat(NAME_WIDTH) + head.map(cell).join(""),
    ...lines,
  ]
    .join("\n");
}

function cell(text: string): string {
  return text.padStart(Math.max(12, text.length + 2));
}

function ratio(value: number | undefined, other: number | undefined): string {
  return value === undefined || other === undefined ? "-" : number(value / other, 2);
}

function number(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "-";
}

function median(samples: readonly Sample[], get: (sample: Sample) => number): number {
  return samples.map(get).sort((a, b) => a - b)[samples.length >> 1] ?? NaN;
}

function othersText(samples: Samples): string {
  const others = [...samples.values()].flatMap((byHost) => [...byHost.values()].flat()).map((sample) => sample.others);
  if (others.some(Number.isNaN)) return "This system does not tell how busy it was with something else.";
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  return `Other processes used ${mean.toFixed(2)} of ${PROCESSORS} processors in the mean, ` +
    `${
      Math.max(...others).toFixed(2)
    } at most: above 0.1 or so the rates are too low, and the CPU times are what holds.`;
}
