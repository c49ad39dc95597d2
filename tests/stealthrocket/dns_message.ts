/**
 * The messages of DNS (RFC 1035), as far as a server of a few addresses needs them.
 *
 * @module
 */

/** What a resolver asks. */
export interface Question {
  /** Number that the answer repeats. */
  readonly id: number;
  /** True if the resolver desires recursion; the answer repeats it. */
  readonly recursionDesired: boolean;
  /** The name, in lower case and without the dot at its end. */
  readonly name: string;
  /** Type of the records that are asked for. */
  readonly type: number;
  /** The question as it stood in the message, which the answer repeats. */
  readonly section: Uint8Array;
}

/** Record type of IPv4 addresses. */
export const TYPE_A = 1;
/** Record type of IPv6 addresses. */
export const TYPE_AAAA = 28;

const HEADER_BYTES = 12;
const MAX_LABEL_BYTES = 63;
const CLASS_IN = 1;
const TTL_SECONDS = 60;
/** A pointer to the name of the question, which begins behind the header. */
const POINTER_TO_NAME = 0xc000 | HEADER_BYTES;

const FLAG_RESPONSE = 0x8000;
const FLAG_AUTHORITATIVE = 0x0400;
const FLAG_RECURSION_DESIRED = 0x0100;
const FLAG_RECURSION_AVAILABLE = 0x0080;
const OPCODE_MASK = 0x7800;
const NO_SUCH_NAME = 3;

/** Read a query. @returns Undefined for what is no query of one question. */
export function parseQuestion(message: Uint8Array): Question | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const flags = view.getUint16(2);
  if ((flags & (FLAG_RESPONSE | OPCODE_MASK)) !== 0 || view.getUint16(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at++]; length !== 0; length = message[at++]) {
    if (length === undefined || length > MAX_LABEL_BYTES) return undefined;
    labels.push(new TextDecoder("latin1").decode(message.subarray(at, at + length)));
    at += length;
  }
  if (at + 4 > message.length || view.getUint16(at + 2) !== CLASS_IN) return undefined;
  return {
    id: view.getUint16(0),
    recursionDesired: (flags & FLAG_RECURSION_DESIRED) !== 0,
    name: labels.join(".").toLowerCase(),
    type: view.getUint16(at),
    section: message.slice(HEADER_BYTES, at + 4),
  };
}

/**
 * Write an answer.
 *
 * @param question What was asked.
 * @param addresses The addresses of the type that was asked for, 4 or 16 bytes each; undefined if there is no such name.
 */
export function formatAnswer(question: Question, addresses: readonly Uint8Array[] | undefined): Uint8Array {
  const records = addresses ?? [];
  const length = records.reduce((sum, address) => sum + 12 + address.length, HEADER_BYTES + question.section.length);
  const message = new Uint8Array(length);
  const view = new DataView(message.buffer);
  view.setUint16(0, question.id);
  view.setUint16(2, flagsOf(question, addresses !== undefined));
  view.setUint16(4, 1);
  view.setUint16(6, records.length);
  message.set(question.section, HEADER_BYTES);
  let at = HEADER_BYTES + question.section.length;
  for (const address of records) {
    view.setUint16(at, POINTER_TO_NAME);
    view.setUint16(at + 2, question.type);
    view.setUint16(at + 4, CLASS_IN);
    view.setUint32(at + 6, TTL_SECONDS);
    view.setUint16(at + 10, address.length);
    message.set(address, at + 12);
    at += 12 + address.length;
  }
  return message;
}

function flagsOf(question: Question, exists: boolean): number {
  const recursion = question.recursionDesired ? FLAG_RECURSION_DESIRED : 0;
  return FLAG_RESPONSE | FLAG_AUTHORITATIVE | FLAG_RECURSION_AVAILABLE | recursion | (exists ? 0 : NO_SUCH_NAME);
}
