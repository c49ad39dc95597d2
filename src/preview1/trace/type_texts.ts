/** How the value of each witx type is shown. An empty text is left out. */

import { Errno } from "../../witx/errno.ts";
import type { ParameterType, ResultType } from "../../witx/signature.ts";
import {
  Advice,
  Clockid,
  Fdflags,
  Filetype,
  Fstflags,
  Lookupflags,
  Oflags,
  Preopentype,
  Riflags,
  Sdflags,
  Signal,
  Whence,
} from "../../witx/types.ts";
import { totalLength } from "../../contract/vectors.ts";
import { FILESTAT_SIZE } from "../abi/layout.ts";
import { emptyIoVectors } from "../abi/memory.ts";
import { Family, SocketType } from "../../contract/network.ts";
import { PREOPEN_SOCKET, type Prestat } from "../results.ts";
import { flagText, type Names, nameText, rightsText } from "./flag_text.ts";
import { passedSubscriptionsText, storedEventsText } from "./poll_text.ts";
import {
  addressInfosText,
  keepAddressBuffer,
  optionNameText,
  optionValueText,
  passedAddressText,
  storedAddressText,
} from "./socket_text.ts";
import { quotedBytes, stringsText } from "./string_text.ts";
import type { CallArguments } from "./call_arguments.ts";

type Text = (args: CallArguments, at: number) => string;

/** Undefined where memory holds no such thing: then the call is shown by its numbers. */
type ArgumentText = (args: CallArguments, at: number) => string | undefined;

const PREOPENS = { ...Preopentype, SOCKET: PREOPEN_SOCKET };
const ROFLAGS = { RECV_DATA_TRUNCATED: 1 };

const nothing: Text = () => "";
const number: Text = (args, at) => String(args.u32(at));
const signed: Text = (args, at) => String(args.u32(at) | 0);
const unsigned64: Text = (args, at) => String(BigInt.asUintN(64, args.i64(at)));
const rights: Text = (args, at) => rightsText(args.i64(at));
const length: Text = (args, at) => `${args.u32(at + 1)} bytes`;

function named(names: Names): Text {
  return (args, at) => nameText(names, args.u32(at));
}

function flagged(names: Names): Text {
  return (args, at) => flagText(names, args.u32(at));
}

/** What the guest passes. */
export const ARGUMENT_TEXTS: Readonly<Record<ParameterType, ArgumentText>> = {
  address: passedAddressText,
  address_family: named(Family),
  address_out: keepAddressBuffer,
  addrinfos: nothing,
  advice: named(Advice),
  args: nothing,
  backlog: signed,
  buffer: length,
  clockid: named(Clockid),
  count: nothing,
  dircookie: unsigned64,
  environ: nothing,
  events: nothing,
  exitcode: number,
  fd: signed,
  fdflags: flagged(Fdflags),
  filedelta: (args, at) => String(args.i64(at)),
  filesize: (args, at) => String(args.i64(at)),
  fstflags: flagged(Fstflags),
  hints: hintsText,
  iovecs: iovecsText,
  length: nothing,
  lookupflags: flagged(Lookupflags),
  oflags: flagged(Oflags),
  option: optionValueText,
  option_out: nothing,
  port: nothing,
  precision: nothing,
  prestat_name: nothing,
  riflags: flagged(Riflags),
  rights,
  sdflags: flagged(Sdflags),
  siflags: flagged({}),
  signal: named(Signal),
  sock_level: optionNameText,
  sock_option: nothing,
  sock_type: named(SocketType),
  string: stringText,
  strings: nothing,
  subscriptions: passedSubscriptionsText,
  text: length,
  timestamp: unsigned64,
  whence: (args, at) => nameText(Whence, args.abi.dialect.whence(args.u32(at))),
};

const u32: Text = (args, at) => String(viewOf(args).getUint32(args.u32(at), true));
const u64: Text = (args, at) => String(viewOf(args).getBigUint64(args.u32(at), true));

/** What a successful call stores as a result. */
export const RESULT_TEXTS: Readonly<Record<ResultType, Text>> = {
  address_type: nothing,
  bytes: (args, at) => `${u32(args, at)} bytes`,
  count: nothing,
  fd: u32,
  fdstat: fdstatText,
  filesize: u64,
  filestat: filestatText,
  port: nothing,
  prestat: prestatText,
  roflags(args, at) {
    const flags = viewOf(args).getUint16(args.u32(at), true);
    return flags === 0 ? "" : flagText(ROFLAGS, flags);
  },
  size: u32,
  timestamp: u64,
};

/** What a successful call stores elsewhere. */
export const STORED_TEXTS: Readonly<Partial<Record<ParameterType, Text>>> = {
  address_out: storedAddressText,
  addrinfos: addressInfosText,
  args: (args) => stringsText(args.abi.system.args.get()),
  environ: (args) => stringsText(args.abi.system.environ.get()),
  events: storedEventsText,
  option_out: (args, at) => optionValueText(args, at) ?? "",
  prestat_name: (args) => quotedBytes(prestatOf(args).name),
  text: (args, at) => quotedBytes(args.bytes(args.u32(at), args.result("bufused")!)!),
};

function viewOf({ abi }: CallArguments): DataView {
  return abi.memory.view;
}

function stringText(args: CallArguments, at: number): string | undefined {
  const bytes = args.bytes(args.u32(at), args.u32(at + 1));
  return bytes && quotedBytes(bytes);
}

function iovecsText(args: CallArguments, at: number): string | undefined {
  const iovs = emptyIoVectors();
  const errno = args.abi.memory.readIovecs(args.u32(at), args.u32(at + 1), iovs);
  return errno === Errno.SUCCESS ? `${totalLength(iovs)} bytes` : undefined;
}

/** `REGULAR_FILE, APPEND, FD_READ|FD_SEEK, 0`: type, flags, both rights. */
function fdstatText(args: CallArguments, at: number): string {
  const ptr = args.u32(at);
  const view = viewOf(args);
  const bothRights = [8, 16].map((offset) => rightsText(view.getBigUint64(ptr + offset, true)));
  return [
    nameText(Filetype, view.getUint8(ptr)),
    flagText(Fdflags, view.getUint16(ptr + 2, true)),
    ...bothRights,
  ].join(", ");
}

/** `REGULAR_FILE, size 3, nlink 1, dev 5, ino 7, atim 1, mtim 2, ctim 3`; times in ns. */
function filestatText(args: CallArguments, at: number): string {
  const ptr = args.u32(at);
  const view = viewOf(args);
  const isUnstable = args.abi.dialect.resultSizes.filestat !== FILESTAT_SIZE;
  const nlink = isUnstable ? view.getUint32(ptr + 20, true) : view.getBigUint64(ptr + 24, true);
  const [dev, ino] = [0, 8].map((offset) => view.getBigUint64(ptr + offset, true));
  const rest = ptr + (isUnstable ? 24 : 32);
  const [size, atim, mtim, ctim] = [0, 8, 16, 24].map((offset) => view.getBigUint64(rest + offset, true));
  const times = `atim ${atim}, mtim ${mtim}, ctim ${ctim}`;
  return `${
    nameText(Filetype, view.getUint8(ptr + 16))
  }, size ${size}, nlink ${nlink}, dev ${dev}, ino ${ino}, ${times}`;
}

function prestatOf(args: CallArguments): Prestat {
  const prestat: Prestat = { tag: 0, name: new Uint8Array(0) };
  args.abi.system.fd.prestatGet(args.u32(0), prestat);
  return prestat;
}

/** `DIR "/"`. */
function prestatText(args: CallArguments): string {
  const { tag, name } = prestatOf(args);
  return `${nameText(PREOPENS, tag)} ${quotedBytes(name)}`;
}

/** `INET, STREAM`: what is looked for. */
function hintsText(args: CallArguments, at: number): string | undefined {
  const bytes = args.bytes(args.u32(at), 4);
  return bytes && `${nameText(Family, bytes[2]!)}, ${nameText(SocketType, bytes[3]!)}`;
}
