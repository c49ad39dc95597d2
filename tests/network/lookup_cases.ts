/** Lookups of names. */

import { expect } from "vitest";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import type { SocketDriver } from "../../src/core/net/events/driver.ts";
import { Errno } from "../../src/witx/errno.ts";
import type { DriverCases } from "./driver_suite.ts";
import { pass } from "./waiting_ends.ts";
import type { Failure } from "../../src/contract/results.ts";

/** Look a name up, and wait for the answer. */
export function lookup(
  driver: SocketDriver,
  name: string,
  family: Family | 0,
): Promise<readonly SocketAddress[] | Failure> {
  return new Promise((resolve) => void driver.lookup(name, family, resolve));
}

/** Cases. */
export const LOOKUP_CASES: DriverCases = {
  async "find a name"({ driver, features }) {
    const found = await lookup(driver, features.names!.known, 0);
    expect(Array.isArray(found)).toBe(true);
    for (const { family, host, port } of found as readonly SocketAddress[]) {
      expect([family === Family.INET6, port]).toEqual([host.includes(":"), 0]);
    }
  },

  async "find addresses of the family that was asked for"({ driver, features }) {
    const found = await lookup(driver, features.names!.known, Family.INET);
    expect((found as readonly SocketAddress[]).map(({ family }) => family)).toContain(Family.INET);
    expect((found as readonly SocketAddress[]).map(({ family }) => family)).not.toContain(Family.INET6);
  },

  async "find no name that there is not"({ driver, features }) {
    // A resolver that reaches no server can't know.
    expect([-Errno.NOENT, -Errno.AGAIN]).toContain(await lookup(driver, features.names!.unknown, 0));
  },

  async "answer later, not within the call"({ driver, features }) {
    let answered = false;
    const answer = new Promise<void>((resolve) => {
      driver.lookup(features.names!.known, 0, () => {
        answered = true;
        resolve();
      });
    });
    expect(answered).toBe(false);
    await answer;
  },

  async "answer no more when they were given up"({ driver, features }) {
    let answered = false;
    const cancel = driver.lookup(features.names!.known, 0, () => answered = true);
    cancel();
    await pass(100);
    expect(answered).toBe(false);
    cancel();
  },

  async "refuse what is no name"({ driver }) {
    for (const name of ["no name at all", "x".repeat(300), "a..b"]) {
      expect([-Errno.NOENT, -Errno.AGAIN]).toContain(await lookup(driver, name, 0));
    }
  },
};
