/**
 * What a system with a network answers, whatever network lies beneath it.
 *
 * @module
 */

import { afterAll, afterEach, describe } from "vitest";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import { type ErrnoName, failed } from "./caller.ts";
import { socketCoreSuite } from "./socket_core_suite.ts";
import { socketDatagramSuite } from "./socket_datagram_suite.ts";
import { socketPolicySuite } from "./socket_policy_suite.ts";
import { socketPollSuite } from "./socket_poll_suite.ts";
import { socketStreamSuite } from "./socket_stream_suite.ts";
import { socketTableSuite } from "./socket_table_suite.ts";
import { socketUnixSuite } from "./socket_unix_suite.ts";
import { loopback, unix } from "./socket_caller.ts";
import {
  makeSocketSystem,
  type SocketBackend,
  type SocketSubject,
  type SocketSystemOptions,
} from "./socket_systems.ts";

/** What a part of the suite asks for. */
export interface SocketContext {
  /** The network. */
  readonly backend: SocketBackend;
  /** Make a system, which is closed when the test ends. */
  make(options?: SocketSystemOptions): Promise<SocketSubject>;
  /** Make one whose `/` is an empty directory, for unix sockets. */
  makeWithRoot(): Promise<SocketSubject>;
}

/** A connection between two sockets of a system. */
export interface Pair {
  readonly listener: number;
  readonly client: number;
  readonly server: number;
  readonly address: SocketAddress;
}

/** Families of IP by the names that tests have. */
export function inetFamilies({ inet }: SocketBackend): (readonly [name: string, family: Family])[] {
  return inet.map((family) => [family === Family.INET ? "IPv4" : "IPv6", family]);
}

/** Where to listen for a family. */
export function anyAddress(family: Family): SocketAddress {
  return family === Family.UNIX ? unix("/listener") : loopback(family);
}

/** Connect two sockets. */
export async function pair({ sockets }: SocketSubject, family: Family = Family.INET): Promise<Pair> {
  const { fd: listener, address } = await sockets.listener(anyAddress(family));
  const client = await sockets.dial(address);
  return { listener, client, server: await sockets.mustAccept(listener), address };
}

/** An address where nobody listens. */
export async function closedAddress({ sockets }: SocketSubject, family: Family = Family.INET): Promise<SocketAddress> {
  const { fd, address } = await sockets.listener(loopback(family));
  sockets.close(fd);
  return address;
}

/** Start to wait, and let happen what ends it; who blocks the thread waits for what has happened before. */
export async function waitWhile<T>(
  { mode }: SocketBackend,
  wait: () => T | Promise<T>,
  act: () => Promise<unknown>,
): Promise<T> {
  if (mode === "block") {
    await act();
    return await wait();
  }
  const waiting = Promise.resolve(wait());
  await act();
  return await waiting;
}

/** Wait some turns of the event loop, for what must not happen. */
export function pass(ms = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** For {@linkcode failed}: the same, where a test compares many. */
export function errors(...names: readonly ErrnoName[]): { readonly errno: ErrnoName }[] {
  return names.map(failed);
}

/** Describe all parts of the suite over one network. */
export function socketSuite(name: string, backend: SocketBackend): void {
  describe(`sockets over ${name}`, () => {
    const made: SocketSubject[] = [];

    afterEach(() => {
      for (const { system } of made.splice(0)) system.close();
    });
    afterAll(() => backend.dispose());

    async function make(options?: SocketSystemOptions): Promise<SocketSubject> {
      const subject = await makeSocketSystem(backend, options);
      made.push(subject);
      return subject;
    }

    const context: SocketContext = {
      backend,
      make,
      makeWithRoot: () => make({ mounts: { "/": { root: backend.platform.openRoot(backend.emptyDirectory()) } } }),
    };
    socketStreamSuite(context);
    socketDatagramSuite(context);
    socketPollSuite(context);
    socketTableSuite(context);
    socketUnixSuite(context);
    socketPolicySuite(context);
    socketCoreSuite(context);
  });
}
