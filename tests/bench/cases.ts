/** What is measured: one import of preview 1, called from inside WebAssembly. */

import { type LoopCall, loopCallsModule } from "../tools/loop_module.ts";

/** Addresses in the guest's memory. */
const RESULT = 8;
const IOV = 16;
const PATH = 1024;
const BUFFER = 4096;
const SUBSCRIPTIONS = 100_000;
const EVENTS = 150_000;
const ENTRIES = 184_000;
const ENTRIES_SIZE = 65_536;

const READ = 1n << 1n | 1n << 2n | 1n << 5n | 1n << 21n | 1n << 27n;
const WRITE = READ | 1n << 6n;
const LIST = 1n << 14n | 1n << 13n;

/** A measurement. */
export interface Case {
  /** Name of the row. */
  readonly name: string;
  /** The module that calls `run(n)` times. */
  readonly module: () => Uint8Array<ArrayBuffer>;
  /** Prepares memory, and opens what is needed with the host's own imports. */
  readonly prepare: (guest: PreparedGuest) => void;
}

/** What a case is prepared with. */
export interface PreparedGuest {
  /** Memory of the guest. */
  readonly view: DataView;
  /** Store a path; answers address and length. */
  readonly path: (text: string) => readonly [number, number];
  /** Open a file, and keep its number at an address. */
  readonly open: (text: string, oflags: number, rights: bigint, at: number) => void;
}

const FD = 64;

function looping(...calls: LoopCall[]): () => Uint8Array<ArrayBuffer> {
  return () => loopCallsModule(calls);
}

function iovec(guest: PreparedGuest, length: number): void {
  guest.view.setUint32(IOV, BUFFER, true);
  guest.view.setUint32(IOV + 4, length, true);
}

/** Clocks that have expired: `node:wasi` of Node can't poll files. */
function subscribe(guest: PreparedGuest, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = SUBSCRIPTIONS + i * 48;
    guest.view.setUint32(at + 16, 1, true);
    guest.view.setUint32(at + 24, 0, true);
  }
}

const fd = { i32At: FD };

/** All measurements, in the order of the table. */
export const CASES: readonly Case[] = [
  {
    name: "clock_time_get",
    module: looping({ name: "clock_time_get", args: [1, 0n, RESULT] }),
    prepare: () => {},
  },
  {
    name: "random_get 16 B",
    module: looping({ name: "random_get", args: [BUFFER, 16] }),
    prepare: () => {},
  },
  {
    name: "fd_write 16 B to a file",
    module: looping({ name: "fd_write", args: [fd, IOV, 1, RESULT] }),
    prepare(guest) {
      guest.open("written", 1, WRITE, FD);
      iovec(guest, 16);
    },
  },
  {
    name: "fd_pread 1 B",
    module: looping({ name: "fd_pread", args: [fd, IOV, 1, 0n, RESULT] }),
    prepare(guest) {
      guest.open("file", 0, READ, FD);
      iovec(guest, 1);
    },
  },
  {
    name: "fd_pread 4 KiB",
    module: looping({ name: "fd_pread", args: [fd, IOV, 1, 0n, RESULT] }),
    prepare(guest) {
      guest.open("file", 0, READ, FD);
      iovec(guest, 4096);
    },
  },
  {
    name: "path_open + fd_close",
    module: looping(
      { name: "path_open", args: [3, 0, PATH, 4, 0, READ, 0n, 0, RESULT] },
      { name: "fd_close", args: [{ i32At: RESULT }] },
    ),
    prepare: (guest) => void guest.path("file"),
  },
  {
    name: "path_filestat_get",
    module: looping({ name: "path_filestat_get", args: [3, 1, PATH, 4, BUFFER] }),
    prepare: (guest) => void guest.path("file"),
  },
  {
    name: "fd_readdir of 1,000 entries",
    module: looping({ name: "fd_readdir", args: [fd, ENTRIES, ENTRIES_SIZE, 0n, RESULT] }),
    prepare: (guest) => guest.open("many", 2, LIST, FD),
  },
  {
    name: "poll_oneoff of 1 clock",
    module: looping({ name: "poll_oneoff", args: [SUBSCRIPTIONS, EVENTS, 1, RESULT] }),
    prepare: (guest) => subscribe(guest, 1),
  },
  {
    name: "poll_oneoff of 1,000 clocks",
    module: looping({ name: "poll_oneoff", args: [SUBSCRIPTIONS, EVENTS, 1000, RESULT] }),
    prepare: (guest) => subscribe(guest, 1000),
  },
];

/** Memory and helpers for {@linkcode Case.prepare}. */
export function preparedGuest(memory: WebAssembly.Memory, imports: WebAssembly.ModuleImports): PreparedGuest {
  const view = new DataView(memory.buffer);
  const path = (text: string): readonly [number, number] => {
    const bytes = new TextEncoder().encode(text);
    new Uint8Array(memory.buffer).set(bytes, PATH);
    return [PATH, bytes.length];
  };
  const pathOpen = imports["path_open"] as (...args: (number | bigint)[]) => number;
  return {
    view,
    path,
    open(text, oflags, rights, at) {
      const [ptr, length] = path(text);
      const errno = pathOpen(3, 0, ptr, length, oflags, rights, 0n, 0, at);
      if (errno !== 0) throw new Error(`Cannot open ${text} for a measurement: errno ${errno}`);
    },
  };
}
