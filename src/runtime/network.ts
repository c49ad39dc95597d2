/** The network of a guest, as its options ask for it. */

import { Errno } from "../witx/errno.ts";
import { isWithin } from "../core/guest_path.ts";
import type { PlatformNetwork, SocketAddress } from "../core/network.ts";
import type { Mount } from "../core/place.ts";
import type { Platform, PlatformDirectory } from "../core/platform.ts";
import { addressText } from "../core/socket/address.ts";
import { DnsStub } from "../core/socket/dns_stub.ts";
import { nameLookup } from "../core/socket/name_lookup.ts";
import { nameServerNetwork } from "../core/socket/name_server.ts";
import { NetPolicy } from "../core/socket/policy.ts";
import { RESOLVER_FILES } from "../core/socket/resolver_files.ts";
import { GuestWakeSource } from "../core/socket/wake_source.ts";
import type { GuestNetwork, NetAction, OnRefused } from "../core/socket_system.ts";
import { genericWaiter } from "../core/waiter.ts";
import { type Endpoint, parseEndpoint, socketVariables } from "./endpoint.ts";
import { openSockets } from "./open_sockets.ts";
import type { NetOptions, Refusal } from "./options.ts";

/** A guest's network, open. */
export interface OpenNetwork {
  /** What the system needs of it. */
  readonly guest: GuestNetwork;
  /** Variables of the environment that tell of preopened sockets. */
  readonly env: Readonly<Record<string, string>>;
  /** Told of what was refused. */
  readonly onRefused: OnRefused;
  /** `/etc` for guests that have none. */
  readonly etc: PlatformDirectory;
  /** True if a guest with these mounts has no `/etc` of its own. */
  lacksEtc(mounts: readonly Mount[]): boolean;
  /** Close the preopened sockets, if the guest was not started. */
  close(): void;
}

/** Refusals that are told, so that a guest that tries all addresses does not fill a log. */
const MAX_REFUSALS = 100;

const SUSPENSION =
  "the guest can't be suspended, and sockets need the event loop. Use run (not runSync) on Deno, Bun, Node 25 or later, " +
  "or Node 24 with --experimental-wasm-jspi";

/**
 * Open the network of a guest: its policy, and its preopened sockets.
 *
 * @param net Options of the caller.
 * @param platform The host.
 * @param suspends True if the guest is suspended while it waits.
 * @throws {TypeError} If the options are wrong, or the guest can have no network here.
 * @throws {EndpointError} If a socket can't be opened.
 */
export async function openNetwork(net: NetOptions, platform: Platform, suspends: boolean): Promise<OpenNetwork> {
  const policy = net.allow === true ? NetPolicy.all() : NetPolicy.parse(net.allow ?? []);
  const endpoints = endpointsOf(net);
  const network = await chooseNetwork(net, platform, suspends);
  const wake = new GuestWakeSource();
  const onRefused = refusals(policy, net.onRefused);
  const stub = new DnsStub(policy, nameLookup(network), (name) => onRefused("lookup", name));
  const waiter = platform.waiter?.(suspends) ?? genericWaiter(suspends);
  const preopened = await openSockets(endpoints, network, wake, waiter);
  const servesAllNames = net.dnsServer !== undefined;
  const { memoryDirectory } = await import("../platform/memory/tree.ts");
  const files = [...RESOLVER_FILES].map(([path, text]) => [path.slice("/etc/".length), text]);
  return {
    guest: { network, policy, wake, preopened, nameServer: nameServerNetwork(stub), servesAllNames },
    env: socketVariables(endpoints),
    onRefused,
    etc: memoryDirectory(Object.fromEntries(files)),
    lacksEtc,
    close() {
      for (const socket of preopened) socket.close();
    },
  };
}

/** A network that is not the platform's is told by events, as far as anybody knows. */
async function chooseNetwork(net: NetOptions, platform: Platform, suspends: boolean): Promise<PlatformNetwork> {
  const given = suspends ? net.network : undefined;
  const mayAsk = suspends || net.network === undefined;
  const network = given ?? (mayAsk ? await platform.network?.(suspends, net.dnsServer) : undefined);
  if (network !== undefined) return network;
  if (!suspends) throw new TypeError(`Cannot give the guest a network: ${SUSPENSION}`);
  throw new TypeError(`Cannot give the guest a network: the platform "${platform.name}" has none; pass net.network`);
}

function endpointsOf({ listen = [], dial = [] }: NetOptions): Endpoint[] {
  return [
    ...listen.map((text) => parseEndpoint(text, "listen")),
    ...dial.map((text) => parseEndpoint(text, "dial")),
  ];
}

function lacksEtc(mounts: readonly Mount[]): boolean {
  if (mounts.some(({ path }) => isWithin(path, "/etc"))) return false;
  const root = mounts.find(({ path }) => path === "/")?.root;
  const opened = root?.openDirectory("etc") ?? Errno.NOENT;
  if (typeof opened === "number") return true;
  opened.close();
  return false;
}

function refusals(policy: NetPolicy, tell: ((refusal: Refusal) => void) | undefined): OnRefused {
  const told = new Set<string>();
  return (action: NetAction, target: SocketAddress | string) => {
    if (tell === undefined) return;
    const text = typeof target === "string" ? target : addressText(target);
    const key = `${action} ${text}`;
    if (told.has(key) || told.size >= MAX_REFUSALS) return;
    told.add(key);
    tell({ action, target: text, rule: policy.ruleFor(action, target) });
  };
}
