/** The other end of the connections that guests time: a native program, built by the C compiler of this machine. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { cProgram } from "../../tools/c_program.ts";

/** A peer that listens. */
export interface ComponentPeer {
  /** Its port of 127.0.0.1. */
  readonly port: number;
  /** End it. */
  close(): void;
}

/** Start it. */
export async function startComponentPeer(): Promise<ComponentPeer> {
  const program = await cProgram(join(import.meta.dirname, "peer.c"), "native");
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Cannot start the peer of connections: status ${code}`)));
    child.stdout.once("data", (line: Uint8Array) => resolve(Number(String(line))));
  });
  // It ends with its standard input.
  return { port, close: () => void child.stdin.end() };
}
