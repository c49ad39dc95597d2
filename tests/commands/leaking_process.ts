/**
 * Many runs of a component in one process: `leaking_process.ts RUNS FOLDER` writes as JSON what there was before and after.
 * Each run leaves files, lists, streams and sockets open, and ends in one of several ways.
 *
 * @module
 */

import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { TrapError } from "wasirun";
import { posix } from "../../src/platform/posix/mod.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { reportLeaks } from "../posix/report_leaks.ts";
import { commandProgram } from "./command_guest.ts";
import { does, runScript, runScriptBlocking, type Script, type ScriptHost } from "./command_scripts.ts";
import { code, made, preopens } from "./file_script.ts";
import { ipv4 } from "./socket_script.ts";

const READ = 1;
const RW = 3;
const CREATE = 1;
const IPV4 = 0;
const WARM_UP = 100;
const EXIT_CODE = 3;
const MINUTE = 60_000_000_000n;

const [runs = "0", folder = ""] = process.argv.slice(2);
const program = await commandProgram();
const counts: Record<string, number> = {};
fs.mkdirSync(join(folder, "dir"));

/** How a guest ends, and what comes of it. */
const ENDINGS = {
  return: { *end(): Script {}, outcome: 0 },
  exit: { end: () => does("exit", EXIT_CODE), outcome: EXIT_CODE },
  trap: { end: () => does("trap"), outcome: "trap" },
  wait: { end: () => does("wait", MINUTE), outcome: "aborted" },
  open: { end: openAll, outcome: 0 },
} as const;
type Ending = keyof typeof ENDINGS;

/** Opens until the system has no more descriptors. */
function* openAll(): Script {
  const { "/": root } = yield* preopens();
  for (;;) {
    const opened = yield* code("open-at", root!, 1, "dir", 0, READ);
    if (opened === "insufficient-memory") return;
    if (opened !== "ok") throw new Error(`A directory could not be opened: ${opened}`);
  }
}

function* leaveFiles(): Script {
  const { "/": root } = yield* preopens();
  const [dir] = yield* made("open-at", root!, 1, "dir", 0, READ);
  yield* made("read-directory", dir!);
  const [file] = yield* made("open-at", dir!, 1, "file", CREATE, RW);
  yield* made("read-via-stream", file!, 0);
  const [output] = yield* made("write-via-stream", file!, 0);
  yield* made("stream-write", output!, "text");
  yield* made("list", root!);
  for (const path of ["dir/no", "dir/../dir/no/x", "../x"]) yield* code("stat-at", root!, 1, path);
}

function* leaveSockets(): Script {
  const [server] = yield* made("create-tcp-socket", IPV4);
  yield* made("tcp-bind", server!, ...ipv4(0));
  yield* made("tcp-listen", server!);
  const port = Number((yield* made("tcp-local-address", server!))[4]);
  const [client] = yield* made("create-tcp-socket", IPV4);
  const [, output] = yield* made("tcp-connect", client!, ...ipv4(port));
  yield* made("stream-write", output!, "text");
  const [datagrams] = yield* made("create-udp-socket", IPV4);
  yield* made("udp-bind", datagrams!, ...ipv4(0));
  yield* made("udp-stream", datagrams!, 0, ...ipv4(0));
  yield* made("resolve", "127.0.0.1");
}

function* script(ending: Ending, hasSockets: boolean): Script<void> {
  yield* leaveFiles();
  if (hasSockets) yield* leaveSockets();
  yield* ENDINGS[ending].end();
}

async function outcomeOf(ending: Ending, isBlocking: boolean, hasSockets: boolean): Promise<unknown> {
  const controller = new AbortController();
  const net = { allow: ["127.0.0.1"] };
  const options = { preopens: { "/": folder }, net, ...ending === "wait" && { signal: controller.signal } };
  const host: ScriptHost = { program, platform: posix(), options };
  if (ending === "wait") setTimeout(() => controller.abort(new Error("aborted")), 1);
  try {
    return await (isBlocking ? runScriptBlocking : runScript)(script(ending, hasSockets), host);
  } catch (error) {
    return error instanceof TrapError ? "trap" : (error as Error).message;
  }
}

function endingOf(run: number): Ending {
  // Those that wait or open hundreds of files take longer, and are fewer.
  if (run % 40 === 7 && canSuspend()) return "wait";
  return run % 100 === 9 ? "open" : (["return", "exit", "trap"] as const)[run % 3]!;
}

async function runAll(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const ending = endingOf(i);
    const isBlocking = ending !== "wait" && (i % 2 === 0 || !canSuspend());
    const outcome = await outcomeOf(ending, isBlocking, i % 4 < 2);
    if (outcome !== ENDINGS[ending].outcome) throw new Error(`Run ${i}, which should ${ending}: ${String(outcome)}`);
    counts[ending] = (counts[ending] ?? 0) + 1;
  }
}

await reportLeaks({ warmUp: WARM_UP, runs: Number(runs) }, runAll, counts);
