/** DNS messages (RFC 1035, RFC 6891), as far as a server of addresses needs them. */

/** Types of records. */
export const RecordType = { A: 1, AAAA: 28, OPT: 41, ANY: 255 } as const;

/** The internet class, the only one in use. */
export const CLASS_IN = 1;

/** Response codes. */
export const ResponseCode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** For the OPT record: unknown version. */
  BADVERS: 16,
} as const;
/** One of {@linkcode ResponseCode}. */
export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

/** Bytes of a header. */
export const HEADER_BYTES = 12;

/** Longest message by UDP without EDNS. */
export const PLAIN_UDP_BYTES = 512;

/** Flags of a header. */
const QR = 0x8000;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;
const CD = 0x0010;
const OPCODE = 0x7800;

const MAX_NAME_BYTES = 255;

/** The question of a query. */
export interface Question {
  /** Labels joined by dots, without a trailing one; undefined if a label is not valid in a host name. */
  readonly name: string | undefined;
  /** Its bytes, to be copied to the response. */
  readonly bytes: Uint8Array;
  /** `RecordType`, or any other. */
  readonly type: number;
  /** `CLASS_IN`, or any other. */
  readonly class: number;
}

/** Contents of an OPT record. */
export interface Edns {
  /** Longest UDP message that the client accepts. */
  readonly udpBytes: number;
  /** Version; 0 is the only one. */
  readonly version: number;
}

/** A query. */
export interface Query {
  readonly id: number;
  readonly flags: number;
  readonly question: Question;
  readonly edns: Edns | undefined;
}

/** The readable part of a query, with a code that says why the rest is not. */
export interface Rejected {
  readonly id: number;
  readonly flags: number;
  readonly code: ResponseCode;
}

/** A response to encode. */
export interface Answer {
  readonly code: ResponseCode;
  /** Addresses of 4 or 16 bytes. */
  readonly addresses: readonly Uint8Array[];
  /** Time to live in seconds. */
  readonly ttl: number;
}

/**
 * Parses a query.
 *
 * @param message A message.
 * @returns The query; the error to respond with; or undefined for what gets no response: a response, or less
 * than a header.
 */
export function decodeQuery(message: Uint8Array): Query | Rejected | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if ((flags & QR) !== 0) return undefined;
  if ((flags & OPCODE) !== 0) return { id, flags, code: ResponseCode.NOTIMP };
  const malformed: Rejected = { id, flags, code: ResponseCode.FORMERR };
  if (view.getUint16(4) !== 1) return malformed;
  const question = readQuestion(message, view);
  if (question === undefined) return malformed;
  const edns = readEdns(message, view, HEADER_BYTES + question.bytes.length);
  return edns === "malformed" ? malformed : { id, flags, question, edns };
}

/** The first name of a message has nothing before it to point to, so it can't contain pointers. */
function readQuestion(message: Uint8Array, view: DataView): Question | undefined {
  const labels: string[] = [];
  let isHostName = true;
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    const label = message.subarray(at, at + length);
    at += length;
    if (at >= message.length || at - HEADER_BYTES >= MAX_NAME_BYTES) return undefined;
    const text = String.fromCharCode(...label);
    isHostName &&= /^[a-zA-Z0-9_-]+$/.test(text);
    labels.push(text);
  }
  if (at + 4 > message.length) return undefined;
  return {
    name: isHostName ? labels.join(".") : undefined,
    bytes: message.subarray(HEADER_BYTES, at + 4),
    type: view.getUint16(at),
    class: view.getUint16(at + 2),
  };
}

/** Skips all records after the question; the OPT record is one of the additional ones, the last. */
function readEdns(message: Uint8Array, view: DataView, from: number): Edns | undefined | "malformed" {
  const others = view.getUint16(6) + view.getUint16(8);
  const records = others + view.getUint16(10);
  let edns: Edns | undefined;
  let at = from;
  for (let i = 0; i < records; i++) {
    const nameEnd = skipName(message, at);
    if (nameEnd === undefined || nameEnd + 10 > message.length) return "malformed";
    const end = nameEnd + 10 + view.getUint16(nameEnd + 8);
    if (end > message.length) return "malformed";
    if (view.getUint16(nameEnd) === RecordType.OPT) {
      if (i < others || edns !== undefined || nameEnd !== at + 1) return "malformed";
      edns = { udpBytes: view.getUint16(nameEnd + 2), version: message[nameEnd + 5]! };
    }
    at = end;
  }
  return at === message.length ? edns : "malformed";
}

/** The end of a name. A pointer ends it and is not followed. */
function skipName(message: Uint8Array, from: number): number | undefined {
  let at = from;
  while (at < message.length && at - from < MAX_NAME_BYTES) {
    const length = message[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** The UDP size that we announce; responses never need it. */
const OWN_UDP_BYTES = 1232;

const OPT_BYTES = 11;

/** A pointer to the question's name, type, class, time to live, length. */
const RECORD_HEAD_BYTES = 12;

/**
 * Encodes a response.
 *
 * @param query The query.
 * @param answer The response; as many addresses as fit are written, with the flag TC if not all fit.
 * @param maxBytes Limit on the length of the message.
 */
export function encodeAnswer(query: Query | Rejected, answer: Answer, maxBytes: number): Uint8Array {
  const question = "question" in query ? query.question.bytes : undefined;
  const edns = "edns" in query ? query.edns : undefined;
  const fixed = HEADER_BYTES + (question?.length ?? 0) + (edns === undefined ? 0 : OPT_BYTES);
  let size = fixed;
  let count = 0;
  for (const address of answer.addresses) {
    if (size + RECORD_HEAD_BYTES + address.length > maxBytes) break;
    size += RECORD_HEAD_BYTES + address.length;
    count++;
  }
  const message = new Uint8Array(size);
  const view = new DataView(message.buffer);
  const truncated = count < answer.addresses.length ? TC : 0;
  view.setUint16(0, query.id);
  view.setUint16(2, QR | (query.flags & (OPCODE | RD | CD)) | truncated | RA | (answer.code & 0xf));
  view.setUint16(4, question === undefined ? 0 : 1);
  view.setUint16(6, count);
  view.setUint16(10, edns === undefined ? 0 : 1);
  let at = HEADER_BYTES;
  if (question !== undefined) {
    message.set(question, at);
    at += question.length;
  }
  for (const address of answer.addresses.slice(0, count)) at = writeAddress(message, view, at, address, answer.ttl);
  if (edns !== undefined) writeOpt(view, at, answer.code);
  return message;
}

function writeAddress(message: Uint8Array, view: DataView, at: number, address: Uint8Array, ttl: number): number {
  view.setUint16(at, 0xc000 | HEADER_BYTES);
  view.setUint16(at + 2, address.length === 4 ? RecordType.A : RecordType.AAAA);
  view.setUint16(at + 4, CLASS_IN);
  view.setUint32(at + 6, ttl);
  view.setUint16(at + 10, address.length);
  message.set(address, at + RECORD_HEAD_BYTES);
  return at + RECORD_HEAD_BYTES + address.length;
}

function writeOpt(view: DataView, at: number, code: ResponseCode): void {
  view.setUint16(at + 1, RecordType.OPT);
  view.setUint16(at + 3, OWN_UDP_BYTES);
  view.setUint8(at + 5, code >> 4);
}
