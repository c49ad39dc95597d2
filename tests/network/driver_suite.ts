/** One suite for every driver of sockets: what the contract of `SocketDriver` says. */

import { describe, it } from "vitest";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import type { SocketDriver } from "../../src/core/net/events/driver.ts";
import { INET_STREAM_CASES, IPV6_STREAM_CASES, STREAM_CASES, UNIX_STREAM_CASES } from "./stream_cases.ts";
import { FLOW_CASES } from "./flow_cases.ts";
import { DATAGRAM_CASES, INET_DATAGRAM_CASES, IPV6_DATAGRAM_CASES, UNIX_DATAGRAM_CASES } from "./datagram_cases.ts";
import { LOOKUP_CASES } from "./lookup_cases.ts";
import { Ends } from "./waiting_ends.ts";

/** What drivers differ in. */
export interface DriverFeatures {
  /** Families of stream sockets. */
  readonly streams: readonly Family[];
  /** Families of datagram sockets. */
  readonly datagrams: readonly Family[];
  /** An error of an earlier datagram is told of. */
  readonly tellsRefusedDatagrams: boolean;
  /** The options of datagram sockets can be set. */
  readonly hasDatagramOptions: boolean;
  /** HOPS and MULTICAST_HOPS can't be set on IPv6. */
  readonly lacksIpv6Hops?: boolean;
  /** A listener's path stays when it is closed. */
  readonly keepsPaths: boolean;
  /** A reset is seen as CONNRESET by the peer; otherwise as an end. */
  readonly hasReset: boolean;
  /** A connection can be given an address of its own. */
  readonly connectsFromAddress: boolean;
  /** A name that is found, and one that is not; undefined where there are no lookups. */
  readonly names: { readonly known: string; readonly unknown: string } | undefined;
  /** An address that is not of this host, where nobody can listen; undefined if there is none. */
  readonly foreignHost: string | undefined;
}

/** What a case is given. */
export interface DriverTest {
  readonly driver: SocketDriver;
  readonly ends: Ends;
  readonly features: DriverFeatures;
  readonly family: Family;
  /** Where to listen: a new path, or the family's loopback with port 0. */
  readonly anywhere: SocketAddress;
  /** A new path for a unix socket. */
  path(): SocketAddress;
}

/** Cases of the suite, by the sentence that holds. */
export type DriverCases = Readonly<Record<string, (test: DriverTest) => void | Promise<void>>>;

const FAMILY_NAMES: Readonly<Record<Family, string>> = { 1: "IPv4", 2: "IPv6", 3: "unix" };

/**
 * Run the suite.
 *
 * @param name Name of the driver.
 * @param makeDriver Makes it, for each test anew.
 * @param features What it has.
 * @param makePath Makes a path that is not taken.
 */
export function driverSuite(
  name: string,
  makeDriver: () => SocketDriver,
  features: DriverFeatures,
  makePath: () => string,
): void {
  function run(group: string, cases: DriverCases, family: Family): void {
    describe(group, () => {
      for (const [sentence, check] of Object.entries(cases)) {
        it(sentence, async () => {
          const driver = makeDriver();
          const ends = new Ends(driver);
          const path = (): SocketAddress => ({ family: Family.UNIX, host: makePath(), port: 0 });
          const anywhere = family === Family.UNIX ? path() : loopback(family);
          try {
            await check({ driver, ends, features, family, anywhere, path });
          } finally {
            await ends.finish();
          }
        });
      }
    });
  }

  describe(`driver ${name}`, () => {
    for (const family of features.streams) {
      const title = `${FAMILY_NAMES[family]} streams`;
      run(title, { ...STREAM_CASES, ...FLOW_CASES }, family);
      run(`${title}, by family`, family === Family.UNIX ? UNIX_STREAM_CASES : INET_STREAM_CASES, family);
      if (family === Family.INET6) run(`${title}, both families`, IPV6_STREAM_CASES, family);
    }
    for (const family of features.datagrams) {
      const title = `${FAMILY_NAMES[family]} datagrams`;
      run(title, DATAGRAM_CASES, family);
      run(`${title}, by family`, family === Family.UNIX ? UNIX_DATAGRAM_CASES : INET_DATAGRAM_CASES, family);
      if (family === Family.INET6) run(`${title}, both families`, IPV6_DATAGRAM_CASES, family);
    }
    if (features.names !== undefined) run("lookups", LOOKUP_CASES, Family.INET);
  });
}

/** The loopback of a family, with a port that the system chooses. */
function loopback(family: Family): SocketAddress {
  return { family, host: family === Family.INET ? "127.0.0.1" : "::1", port: 0 };
}
