/** The built-in name server, for guests that bring a resolver, as Go programs do. */

import { Errno } from "../../../witx/errno.ts";
import type { SocketAddress } from "../../../contract/network.ts";
import { LOCALHOST, parseIp, unmapped } from "../../../contract/address.ts";
import {
  type Answer,
  CLASS_IN,
  decodeQuery,
  encodeAnswer,
  PLAIN_UDP_BYTES,
  type Query,
  type Question,
  RecordType,
  type Rejected,
  ResponseCode,
} from "./message.ts";
import type { Found, NameLookup } from "../name_lookup.ts";
import type { NetPolicy } from "../policy/policy.ts";
import { canonicalName, isLocalhost } from "../policy/rules.ts";

/** The part of a policy that the server uses. */
type LookupPolicy = Pick<NetPolicy, "mayLookUp" | "learn">;

/** Time to live of responses in seconds. */
const TTL = 30;

/** Limit on UDP responses, whatever the client announces. */
const MAX_UDP_BYTES = 4096;

/** Longest message in a stream. */
const MAX_STREAM_BYTES = 0xffff;

/** Limit on concurrent lookups. Further ones fail at once, so that a guest can't exhaust the host. */
const MAX_LOOKUPS = 256;

/** A response, or undefined if there is none. */
export type Message = Uint8Array | undefined;

/** Answers queries for the addresses of names that a policy allows, through the host's resolver. */
export class DnsStub {
  readonly #policy: LookupPolicy;
  readonly #lookup: NameLookup;
  readonly #onRefused: ((name: string) => void) | undefined;
  #lookups = 0;

  /**
   * @param policy Decides about lookups and learns their results.
   * @param lookup The host's resolver.
   * @param onRefused Called with names that the policy refuses.
   */
  constructor(policy: LookupPolicy, lookup: NameLookup, onRefused?: (name: string) => void) {
    this.#policy = policy;
    this.#lookup = lookup;
    this.#onRefused = onRefused;
  }

  /**
   * Answers a datagram.
   *
   * @param query Its bytes; not kept.
   * @returns The response, or undefined if there is none. Never rejects.
   */
  answer(query: Uint8Array): Message | Promise<Message> {
    const decoded = decodeQuery(query.slice());
    if (decoded === undefined) return undefined;
    const advertised = "edns" in decoded ? decoded.edns?.udpBytes ?? 0 : 0;
    const maxBytes = Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, advertised));
    return later(this.#answerTo(decoded), (answer) => encodeAnswer(decoded, answer, maxBytes));
  }

  /**
   * Answers a message of a stream, without its length prefix.
   *
   * @returns The response with its length prefix, or undefined as for {@linkcode DnsStub.answer}.
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

/** Continues with a value or the value of a promise. */
function later<T, U>(value: T | Promise<T>, next: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Adds the length prefix of a stream message. */
function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + message.length);
  new DataView(bytes.buffer).setUint16(0, message.length);
  bytes.set(message, 2);
  return bytes;
}

function failure(code: ResponseCode): Answer {
  return { code, addresses: [], ttl: 0 };
}

/** Names that encode addresses (reverse lookups), which are not sent to the host's resolver. */
function isReverse(name: string): boolean {
  return name.endsWith(".in-addr.arpa") || name.endsWith(".ip6.arpa");
}

function isAddressType(type: number): boolean {
  return type === RecordType.A || type === RecordType.AAAA || type === RecordType.ANY;
}

/** A name without addresses may have records of other types, which are unknown here. */
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
