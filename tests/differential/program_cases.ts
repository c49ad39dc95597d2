/**
 * Programs whose output is compared as it is.
 *
 * @module
 */

import net from "node:net";
import { goComponent, watComponent, witComponent } from "../tools/component_guests.ts";
import { builtGuest, GUEST_LANGUAGES } from "../tools/language_guests.ts";
import { WASI_LIBC, wasiLibcComponent } from "../tools/wasi_libc.ts";

/** A component, and what it is run with. */
export interface ProgramCase {
  /** Name of the case. */
  readonly name: string;
  /** Path of the component. */
  readonly guest: string;
  /** Arguments. */
  readonly args?: readonly string[];
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is in `/work`; as for `fillFolder`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly stdin?: string;
  /** Whether it has a network. */
  readonly usesNetwork?: boolean;
  /** False if standard error is not compared. */
  readonly isSilent?: boolean;
  /** What differs between the two outputs. Default: they are the same. */
  readonly compare?: (expected: string, found: string) => string[];
}

/** The programs that can be had. */
export interface ProgramCases {
  /** The cases. */
  readonly programs: readonly ProgramCase[];
  /** Why others can't. */
  readonly missing: readonly string[];
  /** Ends the server that they speak to. */
  readonly close: () => Promise<void>;
}

const MIB = 1024 * 1024;
const HELLO = { args: ["hello", "a", "b c", ""], env: { NAME: "x" }, stdin: "one\nlast" };
const NETWORK_COMMANDS: readonly (readonly string[])[] = [
  ["udp"],
  ["lookup", "127.0.0.1"],
  ["lookup", "nobody.invalid"],
];

/** Finds the programs, and starts an echo server for them. */
export async function programCases(): Promise<ProgramCases> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const peer = ["127.0.0.1", String((server.address() as net.AddressInfo).port)];
  const libc = await libcCases(peer);
  const missing = WASI_LIBC === undefined ? ["left out: programs in C, WASIRUN_WASI_LIBC names no libc"] : [];
  const programs = [...await plainCases(), ...libc];
  for (const language of GUEST_LANGUAGES) {
    const guest = builtGuest(language);
    if (guest === undefined) missing.push(`left out: ${language}, npm run guests -- --all has not built it`);
    else programs.push(...languageCases(language, guest, language === "javascript" ? undefined : peer));
  }
  return { programs, missing, close: () => new Promise((resolve) => void server.close(() => resolve())) };
}

async function plainCases(): Promise<ProgramCase[]> {
  const ends = await Promise.all(["exit", "catch_exit", "fails", "trap"].map(async (name) => {
    return { name: `ends: ${name}`, guest: await watComponent(name), isSilent: false };
  }));
  return [
    { name: "hello in C", guest: await witComponent("hello") },
    { name: "hello in Go", guest: await goComponent("hello"), args: ["a"], env: { NAME: "x" } },
    ...ends,
  ];
}

async function libcCases(peer: readonly string[]): Promise<ProgramCase[]> {
  if (WASI_LIBC === undefined) return [];
  const program = await wasiLibcComponent("component/wasi_libc/program.c");
  const network = await wasiLibcComponent("component/wasi_libc/network.c");
  const files = await wasiLibcComponent("c/files.c");
  const commands = [...NETWORK_COMMANDS, ...withPeer(peer), ["flood", ...peer, String(MIB)]];
  return [
    { name: "program in C", guest: program, args: ["a", "b c", "7"], env: { NAME: "x" }, stdin: "one\nlast" },
    { name: "files in C", guest: files, args: ["/work"], compare: withoutWrongAccess },
    ...commands.map((args) => networkCase("C", network, args)),
  ];
}

/** To read what is open for writing only, or the reverse, is EIO in wasmtime, and EBADF here as on Linux. */
function withoutWrongAccess(expected: string, found: string): string[] {
  const wanted = expected.replaceAll(
    /^(read from write-only|write to read-only): I\/O error$/gm,
    "$1: Bad file descriptor",
  );
  return wanted === found ? [] : [`wasmtime wrote ${JSON.stringify(wanted)}, wasirun ${JSON.stringify(found)}`];
}

function languageCases(language: string, guest: string, peer: readonly string[] | undefined): ProgramCase[] {
  const network = peer === undefined ? [] : [...NETWORK_COMMANDS, ...withPeer(peer)];
  return [
    { name: `hello in ${language}`, guest, ...HELLO },
    { name: `files in ${language}`, guest, args: ["files", "/work"] },
    { name: `panic in ${language}`, guest, args: ["files", "/none"], isSilent: false },
    ...network.map((args) => networkCase(language, guest, args)),
  ];
}

function withPeer(peer: readonly string[]): string[][] {
  return [["client", ...peer, String(MIB)], ["many", ...peer, "40"]];
}

function networkCase(language: string, guest: string, args: readonly string[]): ProgramCase {
  const shown = args.filter((arg) => !/^\d{4,}$/.test(arg) || arg === String(MIB));
  return { name: `network in ${language}: ${shown.join(" ")}`, guest, args, usesNetwork: true, isSilent: false };
}
