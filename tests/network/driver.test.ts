import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import type { SocketDriver } from "../../src/core/net/events/driver.ts";
import { bunDriver } from "../../src/platform/bun/network.ts";
import { denoDriver } from "../../src/platform/deno/network.ts";
import { type DriverOptions, nodeDriver } from "../../src/platform/node/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import { type DnsServer, type NameData, startDnsServer } from "./dns_server.ts";
import { driverSuite } from "./driver_suite.ts";
import { lookup } from "./lookup_cases.ts";
import { until } from "../tools/until.ts";

const isBun = process.versions["bun"] !== undefined;
const isDeno = process.versions["deno"] !== undefined;
const runtime = isBun ? "Bun" : isDeno ? "Deno" : "Node";
const makeDriver: (options?: DriverOptions) => SocketDriver = { Bun: bunDriver, Deno: denoDriver, Node: nodeDriver }[
  runtime
];

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "wasirun-driver-"));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
let paths = 0;

const hasIpv6 = Object.values(os.networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const inet = hasIpv6 ? [Family.INET, Family.INET6] : [Family.INET];

driverSuite(
  runtime,
  () => makeDriver(),
  {
    streams: [...inet, Family.UNIX],
    datagrams: inet,
    tellsRefusedDatagrams: !isDeno,
    hasDatagramOptions: true,
    lacksIpv6Hops: isDeno,
    keepsPaths: true,
    hasReset: !isDeno,
    connectsFromAddress: true,
    names: { known: "localhost", unknown: "missing.invalid" },
    foreignHost: "192.0.2.1",
  },
  () => path.join(directory, `socket${++paths}`),
);

/** Names of the server by how they begin; any other one has an address of each family. */
const NAMES: Readonly<Record<string, NameData | "silent">> = {
  silent: "silent",
  missing: { code: 3 },
  broken: { code: 2 },
  refused: { code: 5 },
  empty: {},
  v4: { ipv4: ["10.0.0.1"] },
};

function startServer(): Promise<DnsServer> {
  return startDnsServer({
    resolve: (name) => NAMES[name.split(".")[0]!] ?? { ipv4: ["10.0.0.1"], ipv6: ["2001:db8::1"] },
  });
}

describe("lookups by a DNS server", () => {
  const addresses: readonly SocketAddress[] = [
    { family: Family.INET, host: "10.0.0.1", port: 0 },
    { family: Family.INET6, host: "2001:db8::1", port: 0 },
  ];

  it("are answered as it answers", async () => {
    const server = await startServer();
    const driver = makeDriver({ dnsServer: `127.0.0.1:${server.port}` });
    try {
      expect(await lookup(driver, "both.test", 0)).toEqual(addresses);
      expect(await lookup(driver, "both.test", Family.INET)).toEqual(addresses.slice(0, 1));
      expect(await lookup(driver, "both.test", Family.INET6)).toEqual(addresses.slice(1));
      expect(await lookup(driver, "v4.test", 0)).toEqual(addresses.slice(0, 1));
      expect(await lookup(driver, "v4.test", Family.INET6)).toBe(-Errno.NOENT);
      expect(await lookup(driver, "empty.test", 0)).toBe(-Errno.NOENT);
      expect(await lookup(driver, "missing.test", 0)).toBe(-Errno.NOENT);
      // Deno does not tell a server that fails from one that knows no such name.
      expect(await lookup(driver, "broken.test", 0)).toBe(isDeno ? -Errno.NOENT : -Errno.AGAIN);
      expect(await lookup(driver, "refused.test", 0)).toBe(isDeno ? -Errno.NOENT : -Errno.IO);
      expect(server.asked).toContain("both.test");
    } finally {
      await server.close();
    }
  });

  it("do not ask it for localhost", async () => {
    const server = await startServer();
    try {
      const driver = makeDriver({ dnsServer: `127.0.0.1:${server.port}` });
      expect(await lookup(driver, "localhost", Family.INET)).toEqual([{ family: 1, host: "127.0.0.1", port: 0 }]);
      expect(server.asked).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it("can be given up", async () => {
    const server = await startServer();
    try {
      let answered = false;
      const cancel = makeDriver({ dnsServer: `127.0.0.1:${server.port}` })
        .lookup("silent.test", 0, () => answered = true);
      await until(() => server.asked.includes("silent.test"));
      cancel();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(answered).toBe(false);
    } finally {
      await server.close();
    }
  });

  it("need an address", () => {
    for (const dnsServer of ["", "dns.test", "127.0.0.1:0", "127.0.0.1:99999", "[::1", "1.2.3.4:x", "1.2.3"]) {
      expect(() => makeDriver({ dnsServer })).toThrow(/not an address of a DNS server/);
    }
    for (const dnsServer of ["1.2.3.4", "1.2.3.4:5353", "::1", "[::1]", "[::1]:5353"]) {
      expect(makeDriver({ dnsServer }).hasHostPaths).toBe(true);
    }
  });
});
