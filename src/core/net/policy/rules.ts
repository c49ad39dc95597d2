/** Parses rules of `--allow-net`. */

import { normalPath } from "../../fs/guest_path.ts";
import { parsePort, splitHostPort } from "../../../text/host_port.ts";
import { isMapped, parseIp } from "../../../contract/address.ts";

/** The subject of a rule. */
export type Peer =
  /** Every IP address, and every name. */
  | { readonly kind: "any" }
  /** The addresses whose first bits are those of `bytes`, which is unmapped: 4 or 16 bytes. */
  | { readonly kind: "range"; readonly bytes: Uint8Array; readonly bits: number }
  /** The addresses of one name. */
  | { readonly kind: "name"; readonly name: string }
  /** The addresses of the names that end in `suffix`, which begins with a dot. */
  | { readonly kind: "beneath"; readonly suffix: string }
  /** A unix socket of the guest, or with `beneath` those in a directory. */
  | { readonly kind: "unix"; readonly path: string; readonly beneath: boolean };

/** What one rule allows. */
export interface NetRule {
  /** True if it allows to listen, or to bind. */
  readonly listens: boolean;
  /** True if it allows to connect, or to send. */
  readonly connects: boolean;
  /** The subject. */
  readonly peer: Peer;
  /** First and last port. */
  readonly minPort: number;
  readonly maxPort: number;
}

/** An invalid rule. The message shows a correct form, without the rule itself. */
export class RuleError extends TypeError {
  override readonly name: string = "RuleError";
}

const FORM =
  "write [listen:|connect:]HOST[:PORT|:PORT-PORT], where HOST is a name, *.NAME, an address, [IPv6], ADDRESS/BITS or *, " +
  "or unix:/PATH";

/**
 * Parses a rule.
 *
 * @param text `[listen:|connect:]HOST[:PORT|:PORT-PORT]` or `[listen:|connect:]unix:/PATH`.
 * @returns What it allows; several grants where the host has several meanings.
 * @throws {RuleError} With a correct form.
 */
export function parseRule(text: string): readonly NetRule[] {
  const [, action, rest = ""] = /^(?:(listen|connect):)?(.*)$/s.exec(text) ?? [];
  const base = { listens: action !== "connect", connects: action !== "listen", minPort: 0, maxPort: 0xffff };
  if (rest.startsWith("unix:")) return [{ ...base, peer: unixPeer(rest.slice("unix:".length)) }];
  const { port, ...host } = splitHost(rest);
  return expand(host, { ...base, ...portsOf(port) });
}

/** The host of a rule. */
interface RuleHost {
  /** As written, with brackets and bits, for messages. */
  readonly text: string;
  readonly host: string;
  readonly isBracketed: boolean;
  /** The part between host and port: empty, or the bits of a range. */
  readonly suffix: string;
}

type Base = Omit<NetRule, "peer">;

function expand(host: RuleHost, base: Base): readonly NetRule[] {
  if (host.text === "*") return [{ ...base, peer: { kind: "any" } }];
  if (isLocalhost(canonicalName(host.text.replace(/^\*\./, "")))) {
    return LOOPBACK.map(([bytes, bits]) => ({ ...base, peer: { kind: "range", bytes, bits } }));
  }
  const peer = host.isBracketed || /^[0-9.]+$/.test(host.host) ? rangePeer(host) : namePeer(host.text);
  return isUnspecified(peer) ? expandUnspecified(peer.bytes.length, base) : [{ ...base, peer }];
}

const LOOPBACK_V6 = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/** RFC 6761: `localhost` and its subdomains are this machine, whatever a resolver says. */
export function isLocalhost(canonical: string | undefined): boolean {
  return canonical === "localhost" || canonical?.endsWith(".localhost") === true;
}

/** The addresses of `localhost`. */
const LOOPBACK: readonly (readonly [Uint8Array, number])[] = [[new Uint8Array([127, 0, 0, 1]), 8], [LOOPBACK_V6, 128]];

function isUnspecified(peer: Peer): peer is Peer & { readonly kind: "range" } {
  return peer.kind === "range" && peer.bits === peer.bytes.length * 8 && peer.bytes.every((byte) => byte === 0);
}

/** Listening there means listening everywhere; connecting there means connecting to this machine. */
function expandUnspecified(length: number, base: Base): readonly NetRule[] {
  const rules: NetRule[] = [];
  if (base.listens) rules.push({ ...base, connects: false, peer: { kind: "any" } });
  if (base.connects) {
    const bytes = length === 4 ? new Uint8Array([127, 0, 0, 1]) : LOOPBACK_V6;
    rules.push({ ...base, listens: false, peer: { kind: "range", bytes, bits: length * 8 } });
  }
  return rules;
}

function unixPeer(text: string): Peer {
  if (!text.startsWith("/") || text.includes("\0")) {
    throw new RuleError("a unix socket has an absolute path in the guest; write unix:/PATH or unix:/DIRECTORY/*");
  }
  const beneath = text.endsWith("/*");
  return { kind: "unix", path: normalPath(beneath ? text.slice(0, -1) : text), beneath };
}

/** Splits a rule into host, bits and port. */
function splitHost(text: string): RuleHost & { readonly port: string | undefined } {
  if (text.includes("://")) throw new RuleError("it is no URL; write HOST:PORT alone");
  const [, host = "", suffix = "", port = ""] = /^(\[[^\]]*\]|[^:/]*)([^:]*)(.*)$/s.exec(text) ?? [];
  const parts = splitHostPort(host + port);
  if (parts !== undefined) return { ...parts, text: host + suffix, suffix };
  const [, address = "", bits = ""] = /^([^/]*)(\/\d+)?$/s.exec(text) ?? [];
  if (parseIp(address) !== undefined) {
    throw new RuleError(`an IPv6 address stands in brackets; write [${address}]${bits}`);
  }
  throw new RuleError(FORM);
}

function portsOf(text: string | undefined): Pick<NetRule, "minPort" | "maxPort"> {
  if (text === undefined) return { minPort: 0, maxPort: 0xffff };
  const [first = "", last = first, ...more] = text.split("-");
  const minPort = parsePort(first);
  const maxPort = parsePort(last);
  if (minPort !== undefined && maxPort !== undefined && minPort <= maxPort && more.length === 0) {
    return { minPort, maxPort };
  }
  throw new RuleError(`"${text}" is no port; write a number from 0 to 65535, or two as in 8000-8999`);
}

function rangePeer({ text, host, isBracketed, suffix }: RuleHost): Peer & { readonly kind: "range" } {
  const bytes = host.includes("%") ? undefined : parseIp(host);
  const isValid = /^(?:\/\d{1,3})?$/.test(suffix);
  if (bytes === undefined || !isValid || (bytes.length === 16) !== isBracketed) {
    throw new RuleError(`"${text}" is no address; write it as 192.0.2.1, [2001:db8::1], 10.0.0.0/8 or [fd00::]/8`);
  }
  const length = bytes.length * 8;
  const count = suffix === "" ? length : Number(suffix.slice(1));
  if (count > length) throw new RuleError(`"${text}" has more bits than its address; write at most /${length}`);
  if (hasBitsFrom(bytes, count)) {
    throw new RuleError(`"${text}" has bits beyond its first ${count}; write the first address of the range`);
  }
  return isMapped(bytes) && count >= 96
    ? { kind: "range", bytes: bytes.slice(12), bits: count - 96 }
    : { kind: "range", bytes, bits: count };
}

function hasBitsFrom(bytes: Uint8Array, bits: number): boolean {
  return bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, bits - 8 * i)))) !== 0);
}

function namePeer(text: string): Peer {
  const isWild = text.startsWith("*.");
  const name = canonicalName(isWild ? text.slice(2) : text);
  if (name === undefined) throw new RuleError(nameAdvice(text));
  return isWild ? { kind: "beneath", suffix: `.${name}` } : { kind: "name", name };
}

function nameAdvice(text: string): string {
  if (text === "") return FORM;
  if (/[^\0-\x7f]/.test(text)) return `"${text}" is not ASCII; write the name as it is in DNS, which begins with xn--`;
  if (text.includes("*")) return `"${text}" has a * within; write * for every host or *.NAME for the names beneath one`;
  return `"${text}" is neither name nor address; ${FORM}`;
}

/**
 * A host name in lower case and without a trailing dot, or undefined for an invalid one, such as a number, which
 * resolvers take for an IPv4 address.
 */
export function canonicalName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (name.length === 0 || name.length > 253) return undefined;
  const labels = name.split(".");
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return undefined;
  return /^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ? undefined : name;
}
