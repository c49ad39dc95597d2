/** Builds the network of a guest from its options. */

import { Errno } from "../../witx/errno.ts";
import { isWithin } from "../../core/fs/guest_path.ts";
import type { PlatformNetwork, PlatformSocket, SocketAddress } from "../../contract/network.ts";
import type { Mount } from "../../core/fs/mounted_directory.ts";
import type { Platform, PlatformDirectory, WaitMode } from "../../contract/platform.ts";
import { addressText } from "../../contract/address.ts";
import { DnsStub } from "../../core/net/dns/stub.ts";
import { nameLookup } from "../../core/net/name_lookup.ts";
import { nameServerNetwork } from "../../core/net/dns/name_server.ts";
import { NetPolicy } from "../../core/net/policy/policy.ts";
import { RESOLVER_FILES } from "../../core/net/dns/resolver_files.ts";
import { GuestWakeSource } from "../../core/net/events/wake_source.ts";
import { GuestNetwork, type OnRefused, type RefusedAction } from "../../core/net/guest_network.ts";
import { UnixPaths } from "../../core/net/unix_paths.ts";
import { genericWaiter } from "../../core/io/waiter.ts";
import { type Endpoint, parseEndpoint, socketVariables } from "./endpoint.ts";
import { cannotSuspend } from "../jspi.ts";
import { openSockets } from "./open_sockets.ts";
import type { NetOptions, Refusal } from "../options/options.ts";

/** A guest's network, open. */
export interface OpenNetwork {
  /** Makes sockets, for the host. */
  readonly network: PlatformNetwork;
  /** Sockets that are open when the guest starts. */
  readonly preopened: readonly PlatformSocket[];
  /** Environment variables that describe preopened sockets. */
  readonly env: Readonly<Record<string, string>>;
  /** `/etc` for guests that have none. */
  readonly etc: PlatformDirectory;
  /** True if a guest with these mounts has no `/etc` of its own. */
  lacksEtc(mounts: readonly Mount[]): boolean;
  /** The network as the guest has it. `cwd` is where its relative paths start. */
  guestNetwork(mounts: readonly Mount[], cwd: string): GuestNetwork;
  /** Close the preopened sockets, if the guest was not started. */
  close(): void;
}

/** Limit on reported refusals, so that a guest that tries all addresses does not fill a log. */
const MAX_REFUSALS = 100;

/**
 * Opens the network of a guest: its policy and preopened sockets.
 *
 * @param net Options of the caller.
 * @param platform The host.
 * @param mode How the guest waits.
 * @throws {TypeError} If the options are wrong, or the guest can have no network here.
 * @throws {EndpointError} If a socket can't be opened.
 */
export async function openNetwork(net: NetOptions, platform: Platform, mode: WaitMode): Promise<OpenNetwork> {
  const policy = net.allow === true ? NetPolicy.all() : NetPolicy.parse(net.allow ?? []);
  const endpoints = endpointsOf(net);
  const network = await chooseNetwork(net, platform, mode);
  const wake = new GuestWakeSource();
  const onRefused = refusals(policy, net.onRefused);
  const stub = new DnsStub(policy, nameLookup(network), (name) => onRefused("lookup", name));
  const waiter = platform.waiter?.(mode) ?? genericWaiter(mode);
  const preopened = await openSockets(endpoints, network, wake, waiter);
  const redirectsAllQueries = net.dnsServer !== undefined;
  const nameServer = nameServerNetwork(stub);
  const { memoryDirectory } = await import("../../platform/memory/fs/tree.ts");
  const files = [...RESOLVER_FILES].map(([path, text]) => [path.slice("/etc/".length), text]);
  return {
    network,
    preopened,
    env: socketVariables(endpoints),
    etc: memoryDirectory(Object.fromEntries(files)),
    lacksEtc,
    guestNetwork(mounts, cwd) {
      const paths = new UnixPaths({ mounts, cwd, onHost: network.hasHostPaths });
      return new GuestNetwork({ network, policy, wake, nameServer, redirectsAllQueries, paths, onRefused });
    },
    close() {
      for (const socket of preopened) socket.close();
    },
  };
}

/** Unwraps a network. */
function networkOf(network: NetOptions["network"]): PlatformNetwork | undefined {
  return network !== undefined && "network" in network ? network.network : network;
}

/** A network other than the platform's is assumed to be event-driven. */
async function chooseNetwork(net: NetOptions, platform: Platform, mode: WaitMode): Promise<PlatformNetwork> {
  const given = mode === "suspend" ? networkOf(net.network) : undefined;
  const mayAsk = mode === "suspend" || net.network === undefined;
  const network = given ?? (mayAsk ? await platform.network?.(mode, net.dnsServer) : undefined);
  if (network !== undefined) return network;
  if (mode === "block") {
    throw new TypeError(`Cannot give the guest a network: sockets need the event loop, and ${cannotSuspend()}`);
  }
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
  const opened = root?.openDirectory("etc") ?? -Errno.NOENT;
  if (typeof opened === "number") return true;
  opened.close();
  return false;
}

function refusals(policy: NetPolicy, report: ((refusal: Refusal) => void) | undefined): OnRefused {
  const reported = new Set<string>();
  return (action: RefusedAction, target: SocketAddress | string) => {
    if (report === undefined) return;
    const text = typeof target === "string" ? target : addressText(target);
    const key = `${action} ${text}`;
    if (reported.has(key) || reported.size >= MAX_REFUSALS) return;
    reported.add(key);
    report({ action, target: text, rule: policy.ruleFor(action, target) });
  };
}
