// As tests/guests/component/rust/program.rs, in JavaScript over the interfaces of WIT: the commands that need no sockets.
// In componentize-js 0.23 the class of a resource is missing if its interface has no function that is called: `network`.
import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.12";
import { exit } from "wasi:cli/exit@0.2.12";
import { getStderr } from "wasi:cli/stderr@0.2.12";
import { getStdin } from "wasi:cli/stdin@0.2.12";
import { getStdout } from "wasi:cli/stdout@0.2.12";
import { now, subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.12";
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";
import { poll } from "wasi:io/poll@0.2.12";

const CHUNK = 4096;
const WAIT_NANOSECONDS = 20_000_000n;
const FOLLOW = { symlinkFollow: true };
/** Numbers that the libc of WASI has for these errors. */
const ERRNOS = {
  "bad-descriptor": 8,
  exist: 20,
  "is-directory": 31,
  "no-entry": 44,
  "not-directory": 54,
  "not-empty": 55,
  "not-permitted": 63,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function write(stream, bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK) stream.blockingWriteAndFlush(bytes.subarray(at, at + CHUNK));
}

function print(...words) {
  write(getStdout(), encoder.encode(`${words.join(" ")}\n`));
}

/** All that a stream has, until its end. */
function* chunks(stream) {
  try {
    while (true) yield stream.blockingRead(BigInt(CHUNK));
  } catch (error) {
    if (error.payload?.tag !== "closed") throw error;
  }
}

function readAll(stream) {
  let text = "";
  for (const bytes of chunks(stream)) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

function hello(...args) {
  const variables = new Map(getEnvironment());
  print("hello", args.join(","), variables.get("NAME"), !variables.has("NONE"));
  for (const line of readAll(getStdin()).split("\n")) print("line:", line);
  const start = now();
  subscribeDuration(WAIT_NANOSECONDS).block();
  print("slept:", now() - start >= WAIT_NANOSECONDS);
  write(getStderr(), encoder.encode("to standard error\n"));
  exit({ tag: "err" });
}

function shown(what, call) {
  try {
    print(`${what}:`, call());
  } catch (error) {
    print(`${what}: errno`, ERRNOS[error.payload] ?? error.payload ?? error);
  }
}

function done(call, word) {
  call();
  return word;
}

function names(dir, path) {
  const entries = dir.openAt(FOLLOW, path, { directory: true }, { read: true }).readDirectory();
  const found = [];
  for (let entry = entries.readDirectoryEntry(); entry !== undefined; entry = entries.readDirectoryEntry()) {
    found.push(entry.name);
  }
  return found.sort().join(" ");
}

function content(dir, path) {
  const file = dir.openAt(FOLLOW, path, {}, { read: true });
  let text = "";
  while (true) {
    const [bytes, isEnd] = file.read(1n << 20n, BigInt(text.length));
    text += decoder.decode(bytes);
    if (isEnd || bytes.length === 0) return text;
  }
}

function files() {
  const [[dir]] = getDirectories();
  const rights = { read: true, write: true, mutateDirectory: true };
  const file = dir.openAt(FOLLOW, "file", { create: true, exclusive: true }, rights);
  const stream = file.writeViaStream(0n);
  write(stream, encoder.encode("x".repeat(200_000)));
  print("position:", file.stat().size);
  file.write(encoder.encode("ten"), 10n);
  file.setSize(100_000n);
  file.sync();
  write(file.appendViaStream(), encoder.encode("end"));
  const text = content(dir, "file");
  print("content:", text.length, text.slice(8, 14), text.slice(99_998));
  const { size, type, dataModificationTimestamp } = dir.statAt(FOLLOW, "file");
  print("metadata:", size, type === "regular-file");
  print("modified:", Math.abs(Number(dataModificationTimestamp.seconds) - Date.now() / 1000) < 600);
  for (const path of ["a", "a/b", "a/b/c"]) dir.createDirectoryAt(path);
  dir.linkAt({}, "file", dir, "hard");
  dir.renameAt("hard", dir, "a/renamed");
  shown("names", () => names(dir, "."));
  shown("names of a", () => names(dir, "a"));
  shown("create again", () => dir.openAt({}, "file", { create: true, exclusive: true }, rights));
  shown("open of nothing", () => dir.openAt({}, "nothing", {}, { read: true }));
  shown("read of a directory", () => content(dir, "a"));
  shown("list of a file", () => names(dir, "file"));
  shown("below a file", () => dir.openAt({}, "file/x", {}, { read: true }));
  shown("remove a full directory", () => dir.removeDirectoryAt("a"));
  shown("remove a directory as a file", () => dir.unlinkFileAt("a/b"));
  shown("out of the directory", () => content(dir, "../../etc/passwd"));
  shown("rename to a directory", () => done(() => dir.renameAt("file", dir, "a"), "renamed"));
  dir.unlinkFileAt("a/renamed");
  for (const path of ["a/b/c", "a/b", "a"]) dir.removeDirectoryAt(path);
  dir.unlinkFileAt("file");
  shown("names", () => names(dir, "."));
}

/** Several waits in one call. */
function timers() {
  const pollables = [60_000n, 10n, 60_000n].map((ms) => subscribeDuration(ms * 1_000_000n));
  print("first:", poll(pollables).join(" "));
}

const COMMANDS = { hello, files, timers };

export const run = {
  run() {
    const [, command, ...args] = getArguments();
    COMMANDS[command](...args);
  },
};
