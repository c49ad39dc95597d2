/** The policy: where a guest may connect and listen. */

import { normalPath } from "../../fs/guest_path.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import {
  addressText,
  ipText,
  isSameAddress,
  LOCALHOST,
  parseIp,
  unmapped,
  unmappedAddress,
} from "../../../contract/address.ts";
import { canonicalName, isLocalhost, type NetRule, parseRule, RuleError } from "./rules.ts";

/** An operation on an address: listen (or bind), or connect (or send). */
export type NetAction = "listen" | "connect";

/** Limit on names matched by `*.NAME` whose addresses are kept; the oldest is dropped. */
const MAX_LEARNED = 4096;

/** An address in the form that rules are compared with. */
interface Target {
  /** Unmapped: 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  readonly port: number;
  /** The bytes as a key, to find the names of the address. */
  readonly key: string;
}

/** The last address checked, and the result. */
interface LastAnswer {
  readonly address: SocketAddress;
  readonly allowed: boolean;
}

/**
 * Rules on the network. What no rule allows is refused.
 *
 * A rule by name allows the addresses of both families that the resolver returned for the first lookup of the name.
 * They are kept, so that the owner of the name can't redirect it to another machine later. Addresses are compared
 * unmapped: `::ffff:192.0.2.1` is `192.0.2.1`, because both reach the same machine. Loopback addresses are what
 * `localhost` means without any lookup.
 *
 * Names may be looked up if a rule has them or covers them, or allows to connect everywhere on some port. Rules for
 * addresses alone allow no lookup but that of `localhost`: a lookup can carry messages out.
 */
export class NetPolicy {
  readonly #everything: boolean;
  readonly #rules: readonly NetRule[];
  /** Addresses of the names in rules, in the order of their lookups. */
  readonly #learned: Map<string, readonly SocketAddress[]> = new Map();
  /** The inverse: names by the key of a {@linkcode Target}. */
  readonly #names: Map<string, Set<string>> = new Map();
  readonly #last: Record<NetAction, LastAnswer | undefined> = { listen: undefined, connect: undefined };

  private constructor(rules: readonly NetRule[], everything: boolean) {
    this.#rules = rules;
    this.#everything = everything;
  }

  /**
   * Creates a policy from rules as for `--allow-net`. `*` is every IP address; unix sockets need separate rules.
   *
   * @param rules `[listen:|connect:]HOST[:PORT|:PORT-PORT]` or `[listen:|connect:]unix:/PATH` each.
   * @throws {TypeError} Naming the invalid rule and a correct form.
   */
  static parse(rules: readonly string[]): NetPolicy {
    return new NetPolicy(rules.flatMap(parseOrThrow), false);
  }

  /** Everything is allowed. */
  static all(): NetPolicy {
    return new NetPolicy([], true);
  }

  /** Nothing is allowed. */
  static none(): NetPolicy {
    return new NetPolicy([], false);
  }

  /** True if nothing is allowed, so that a guest needs no network. */
  get isNone(): boolean {
    return !this.#everything && this.#rules.length === 0;
  }

  /** True if a guest may listen on or bind to an address. `0.0.0.0` and `::` need a rule for all addresses. */
  mayListen(address: SocketAddress): boolean {
    return this.#may("listen", address);
  }

  /** True if a guest may connect or send to an address. `0.0.0.0` and `::` are loopback addresses. */
  mayConnect(address: SocketAddress): boolean {
    return this.#may("connect", address);
  }

  #may(action: NetAction, address: SocketAddress): boolean {
    if (this.#everything) return true;
    const last = this.#last[action];
    if (last !== undefined && (last.address === address || isSameAddress(last.address, address))) return last.allowed;
    const allowed = address.family === Family.UNIX ? this.#mayUnix(action, address) : this.#mayIp(action, address);
    this.#last[action] = { address, allowed };
    return allowed;
  }

  #mayUnix(action: NetAction, { host }: SocketAddress): boolean {
    if (!host.startsWith("/")) return false;
    const path = normalPath(host);
    return this.#rules.some((rule) => {
      if (rule.peer.kind !== "unix" || !allows(rule, action)) return false;
      return rule.peer.beneath ? isBeneath(path, rule.peer.path) : path === rule.peer.path;
    });
  }

  #mayIp(action: NetAction, address: SocketAddress): boolean {
    const bytes = bytesOf(address);
    if (bytes === undefined) return false;
    if (action === "listen" && isZero(bytes)) return this.#coversAll(bytes.length, address.port);
    const target = targetOf(bytes, address.port);
    return this.#rules.some((rule) =>
      allows(rule, action) && hasPort(rule, address.port) && this.#covers(rule, target)
    );
  }

  /** Listening on `::` includes all IPv4 addresses. */
  #coversAll(length: number, port: number): boolean {
    const rules = this.#rules.filter((rule) => rule.listens && hasPort(rule, port));
    const covers = (length: number): boolean =>
      rules.some(({ peer }) => peer.kind === "any" || (peer.kind === "range" && isAll(peer, length)));
    return covers(4) && (length === 4 || covers(16));
  }

  #covers({ peer }: NetRule, { bytes, key }: Target): boolean {
    switch (peer.kind) {
      case "any":
        return true;
      case "range":
        return isInRange(bytes, peer.bytes, peer.bits);
      case "name":
        return this.#names.get(key)?.has(peer.name) === true;
      case "beneath":
        return [...this.#names.get(key) ?? []].some((name) => name.endsWith(peer.suffix));
      case "unix":
        return false;
    }
  }

  /** True if a guest may look up a name. */
  mayLookUp(name: string): boolean {
    if (this.#everything) return true;
    const canonical = canonicalName(name);
    if (canonical === undefined) return parseIp(name) !== undefined;
    return isLocalhost(canonical) || this.#isRuled(canonical) ||
      this.#rules.some(({ peer, connects }) => connects && isEverywhere(peer));
  }

  /** True if a rule covers the name, so that its addresses must be known. */
  #isRuled(canonical: string): boolean {
    return this.#rules.some(({ peer }) => isAbout(peer, canonical));
  }

  /**
   * True if the addresses of a name are fixed by its first lookup. Such a name is always looked up for all families:
   * a family omitted from the first lookup has no addresses later.
   *
   * @param name A name, or an IP address.
   */
  pins(name: string): boolean {
    const canonical = this.#everything ? undefined : canonicalName(name);
    return canonical !== undefined && this.#isRuled(canonical);
  }

  /**
   * Records the result of the host's resolver. For a pinned name the first result is kept.
   *
   * @param name The name that was looked up, for all families if {@linkcode NetPolicy.pins} says so.
   * @param addresses Its addresses.
   * @returns The addresses that the name has for this guest, of all families.
   */
  learn(name: string, addresses: readonly SocketAddress[]): readonly SocketAddress[] {
    const canonical = canonicalName(name);
    if (this.#everything || canonical === undefined) return addresses;
    if (isLocalhost(canonical)) return ofFamiliesOf(addresses, LOCALHOST);
    if (!this.#isRuled(canonical)) return addresses;
    const kept = this.#learned.get(canonical);
    if (kept !== undefined || addresses.length === 0) return kept ?? addresses;
    const pinned = addresses.map(unmappedAddress);
    this.#keep(canonical, pinned);
    return pinned;
  }

  #keep(canonical: string, addresses: readonly SocketAddress[]): void {
    if (this.#learned.size >= MAX_LEARNED) this.#forgetOne();
    this.#learned.set(canonical, addresses);
    for (const key of keysOf(addresses)) {
      const names = this.#names.get(key);
      if (names === undefined) this.#names.set(key, new Set([canonical]));
      else names.add(canonical);
    }
    this.#last.listen = this.#last.connect = undefined;
  }

  /** Names that occur in rules are never dropped: there are at most as many as rules. */
  #forgetOne(): void {
    for (const [name, addresses] of this.#learned) {
      if (this.#rules.some(({ peer }) => peer.kind === "name" && peer.name === name)) continue;
      this.#learned.delete(name);
      for (const key of keysOf(addresses)) {
        const names = this.#names.get(key);
        names?.delete(name);
        if (names?.size === 0) this.#names.delete(key);
      }
      // A later request for it is refused.
      this.#last.listen = this.#last.connect = undefined;
      return;
    }
  }

  /**
   * The names to look up and {@linkcode NetPolicy.learn} before an address can be refused: those of rules that could
   * allow it. Names beneath a `*.NAME` are unknown until the guest looks them up itself.
   *
   * @param address An address that was refused.
   * @param action The operation.
   */
  pending(address: SocketAddress, action: NetAction = "connect"): string[] {
    if (this.#everything || address.family === Family.UNIX) return [];
    const bytes = bytesOf(address);
    if (bytes === undefined || (action === "listen" && isZero(bytes))) return [];
    const names = new Set<string>();
    for (const rule of this.#rules) {
      if (rule.peer.kind !== "name" || !allows(rule, action) || !hasPort(rule, address.port)) continue;
      if (!this.#learned.has(rule.peer.name)) names.add(rule.peer.name);
    }
    return [...names];
  }

  /**
   * The shortest rule that would allow a refused operation, for messages.
   *
   * @param action The refused operation.
   * @param target The address, or the name of a lookup.
   */
  ruleFor(action: NetAction | "lookup", target: SocketAddress | string): string {
    if (typeof target === "string") {
      return canonicalName(target) === undefined ? "*" : `connect:${canonicalName(target)}`;
    }
    const verb = action === "listen" ? "listen" : "connect";
    if (target.family === Family.UNIX) return `${verb}:unix:${normalPath(target.host)}`;
    const bytes = bytesOf(target);
    if (bytes === undefined) return `${verb}:${addressText(target)}`;
    const host = ipText(verb === "connect" ? destination(bytes) : bytes);
    return bytes.length === 4 ? `${verb}:${host}:${target.port}` : `${verb}:[${host}]:${target.port}`;
  }
}

function parseOrThrow(rule: string): readonly NetRule[] {
  try {
    return parseRule(rule);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new TypeError(`Cannot use the network rule "${rule}": ${error.message}`);
  }
}

function ofFamiliesOf(wanted: readonly SocketAddress[], all: readonly SocketAddress[]): readonly SocketAddress[] {
  return all.filter(({ family }) => wanted.some((other) => other.family === family));
}

function allows(rule: NetRule, action: NetAction): boolean {
  return action === "listen" ? rule.listens : rule.connects;
}

function hasPort(rule: NetRule, port: number): boolean {
  return rule.minPort <= port && port <= rule.maxPort;
}

function isBeneath(path: string, directory: string): boolean {
  return path.startsWith(directory === "/" ? "/" : `${directory}/`) && path !== "/";
}

function isAbout(peer: NetRule["peer"], canonical: string): boolean {
  if (peer.kind === "name") return peer.name === canonical;
  return peer.kind === "beneath" && canonical.endsWith(peer.suffix);
}

function isEverywhere(peer: NetRule["peer"]): boolean {
  return peer.kind === "any" || (peer.kind === "range" && peer.bits === 0);
}

function isAll(peer: NetRule["peer"] & { kind: "range" }, length: number): boolean {
  return peer.bits === 0 && peer.bytes.length === length;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function bytesOf({ host }: SocketAddress): Uint8Array | undefined {
  const bytes = parseIp(host);
  return bytes === undefined ? undefined : unmapped(bytes);
}

/** The address that receives what is sent to an address. */
function destination(bytes: Uint8Array): Uint8Array {
  if (!isZero(bytes)) return bytes;
  const loopback = new Uint8Array(bytes.length);
  if (bytes.length === 4) loopback[0] = 127;
  loopback[bytes.length - 1] = 1;
  return loopback;
}

function targetOf(bytes: Uint8Array, port: number): Target {
  const reached = destination(bytes);
  return { bytes: reached, port, key: reached.join(".") };
}

function keysOf(addresses: readonly SocketAddress[]): string[] {
  const keys: string[] = [];
  for (const address of addresses) {
    const bytes = bytesOf(address);
    if (bytes !== undefined) keys.push(targetOf(bytes, 0).key);
  }
  return keys;
}

function isInRange(bytes: Uint8Array, range: Uint8Array, bits: number): boolean {
  if (bytes.length !== range.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) {
    if (bytes[i] !== range[i]) return false;
  }
  const rest = bits & 7;
  return rest === 0 || ((bytes[whole]! ^ range[whole]!) >> (8 - rest)) === 0;
}
