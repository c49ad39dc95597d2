/** A name server within the host, for guests that bring a resolver of their own, as Go programs do. */

import { Errno } from "../../witx/errno.ts";
import type { SocketAddress } from "../network.ts";
import { LOCALHOST, parseIp, unmapped } from "./address.ts";
import {
  type Answer,
  CLASS_IN,
  decodeQuery,
  encodeAnswer,
  HEADER_BYTES,
  PLAIN_UDP_BYTES,
  type Query,
  type Question,
  RecordType,
  type Rejected,
  ResponseCode,
} from "./dns_message.ts";
import type { Found, NameLookup } from "./name_lookup.ts";
import { canonicalName, isLocalhost } from "./policy_rules.ts";

/** What the server asks of a policy. */
export interface LookupPolicy {
  /** As `NetPolicy.mayLookUp`. */
  mayLookUp(name: string): boolean;
  /** As `NetPolicy.learn`. */
  learn(name: string, addresses: readonly SocketAddress[]): readonly SocketAddress[];
}

/** Seconds for which clients may keep an answer. */
const TTL = 30;

/** Longest answer by UDP, whatever the client says that it takes. */
const MAX_UDP_BYTES = 4096;

/** Longest message in a stream. */
const MAX_STREAM_BYTES = 0xffff;

/** Lookups that go on at once. More fail at once, so that a guest can't make the host hold ever more. */
const MAX_LOOKUPS = 256;

/** Messages of one connection that wait for their answers. */
const MAX_WAITING = 64;

/** An answer, or undefined for what is not to be answered. */
export type Message = Uint8Array | undefined;

/** Answers queries for the addresses of names that a policy allows, with what the host's resolver knows. */
export class DnsStub {
  readonly #policy: LookupPolicy;
  readonly #lookup: NameLookup;
  readonly #onRefused: ((name: string) => void) | undefined;
  #lookups = 0;

  /**
   * @param policy What may be looked up; told of each answer.
   * @param lookup The host's resolver.
   * @param onRefused Told of names that the policy refuses.
   */
  constructor(policy: LookupPolicy, lookup: NameLookup, onRefused?: (name: string) => void) {
    this.#policy = policy;
    this.#lookup = lookup;
    this.#onRefused = onRefused;
  }

  /**
   * Answer a datagram.
   *
   * @param query Its bytes; not kept.
   * @returns The answer, or undefined for what is not to be answered. Never rejects.
   */
  answer(query: Uint8Array): Message | Promise<Message> {
    const decoded = decodeQuery(query.slice());
    if (decoded === undefined) return undefined;
    const advertised = "edns" in decoded ? decoded.edns?.udpBytes ?? 0 : 0;
    const maxBytes = Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, advertised));
    return later(this.#answerTo(decoded), (answer) => encodeAnswer(decoded, answer, maxBytes));
  }

  /**
   * Answer a message of a stream, without the two bytes of its length.
   *
   * @returns The answer with its length in front, or undefined as {@linkcode DnsStub.answer}.
   */
  answerFramed(query: Uint8Array): Message | Promise<Message> {
    const decoded = decodeQuery(query.slice());
    if (decoded === undefined) return undefined;
    return later(this.#answerTo(decoded), (answer) => framed(encodeAnswer(decoded, answer, MAX_STREAM_BYTES)));
  }

  #answerTo(query: Query | Rejected): Answer | Promise<Answer> {
    if (!("question" in query)) return failure(query.code);
    if (query.edns !== undefined && query.edns.version !== 0) return failure(ResponseCode.BADVERS);
    const { question } = query;
    if (question.class !== CLASS_IN) return failure(ResponseCode.NOTIMP);
    const name = canonicalName(question.name ?? "");
    if (name === undefined) return failure(question.name === "" ? ResponseCode.NOTIMP : ResponseCode.NXDOMAIN);
    if (isReverse(name)) return failure(ResponseCode.NOTIMP);
    if (!this.#policy.mayLookUp(name)) {
      this.#onRefused?.(name);
      return failure(ResponseCode.REFUSED);
    }
    return this.#resolve(name, question);
  }

  #resolve(name: string, question: Question): Answer | Promise<Answer> {
    return later(this.#addressesOf(name), (found) => {
      if (typeof found === "number") return failure(codeOf(found, question.type));
      return { code: ResponseCode.NOERROR, addresses: ofType(found, question.type), ttl: TTL };
    });
  }

  #addressesOf(name: string): Found | Promise<Found> {
    if (isLocalhost(name)) return LOCALHOST;
    if (this.#lookups >= MAX_LOOKUPS) return Errno.AGAIN;
    const learn = (found: Found): Found => typeof found === "number" ? found : this.#policy.learn(name, found);
    try {
      const found = this.#lookup(name);
      if (!(found instanceof Promise)) return learn(found);
      this.#lookups++;
      return found.then(learn).catch(() => Errno.IO).finally(() => this.#lookups--);
    } catch {
      return Errno.IO;
    }
  }
}

/** Go on with what is there, or will be. */
function later<T, U>(value: T | Promise<T>, next: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** A message of a stream: its length first. */
function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + message.length);
  new DataView(bytes.buffer).setUint16(0, message.length);
  bytes.set(message, 2);
  return bytes;
}

function failure(code: ResponseCode): Answer {
  return { code, addresses: [], ttl: 0 };
}

/** Names of addresses, which the resolver of the host is not asked for. */
function isReverse(name: string): boolean {
  return name.endsWith(".in-addr.arpa") || name.endsWith(".ip6.arpa");
}

function isAddressType(type: number): boolean {
  return type === RecordType.A || type === RecordType.AAAA || type === RecordType.ANY;
}

/** A name without addresses may have records of other types: nobody knows them here. */
function codeOf(errno: Errno, type: number): ResponseCode {
  switch (errno) {
    case Errno.NOENT:
      return isAddressType(type) ? ResponseCode.NXDOMAIN : ResponseCode.NOTIMP;
    case Errno.ACCES:
      return ResponseCode.REFUSED;
    default:
      return ResponseCode.SERVFAIL;
  }
}

function ofType(addresses: readonly SocketAddress[], type: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const { host } of addresses) {
    const parsed = parseIp(host);
    if (parsed === undefined) continue;
    const bytes = unmapped(parsed);
    if (type === RecordType.ANY || type === (bytes.length === 4 ? RecordType.A : RecordType.AAAA)) found.push(bytes);
  }
  return found;
}

/** The messages of a connection to a {@linkcode DnsStub}: they are answered in the order in which they come. */
export class DnsConnection {
  readonly #stub: DnsStub;
  readonly #send: (framed: Uint8Array) => void;
  #pending: Uint8Array = new Uint8Array(0);
  /** The answers that are not there yet, and all behind them. */
  #last: Promise<void> | undefined;
  #waiting = 0;

  /**
   * @param stub The server.
   * @param send Takes the answers, each with its length in front.
   */
  constructor(stub: DnsStub, send: (framed: Uint8Array) => void) {
    this.#stub = stub;
    this.#send = send;
  }

  /**
   * Take bytes of the client, not necessarily whole messages.
   *
   * @returns False if the client does not speak DNS, or too much of it: the connection is to be closed.
   */
  receive(bytes: Uint8Array): boolean {
    let rest = concat(this.#pending, bytes);
    while (rest.length >= 2) {
      const length = rest[0]! << 8 | rest[1]!;
      if (length < HEADER_BYTES || this.#waiting >= MAX_WAITING) return false;
      if (rest.length < 2 + length) break;
      this.#answer(rest.slice(2, 2 + length));
      rest = rest.subarray(2 + length);
    }
    this.#pending = rest.slice();
    return true;
  }

  /** Settled once all that was received is answered; undefined if it is. */
  drained(): Promise<void> | undefined {
    return this.#last;
  }

  #answer(message: Uint8Array): void {
    const answer = this.#stub.answerFramed(message);
    if (this.#last === undefined && !(answer instanceof Promise)) return this.#sendIfAny(answer);
    this.#waiting++;
    const sent = (this.#last ?? Promise.resolve()).then(() => answer).then((answered) => {
      this.#waiting--;
      if (this.#last === sent) this.#last = undefined;
      this.#sendIfAny(answered);
    });
    this.#last = sent;
  }

  #sendIfAny(answer: Message): void {
    if (answer !== undefined) this.#send(answer);
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
