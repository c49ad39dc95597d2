import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Family, type SocketAddress } from "../../src/core/network.ts";
import type { SocketDriver } from "../../src/core/socket/driver.ts";
import { bunDriver } from "../../src/platform/_bun_network.ts";
import { denoDriver } from "../../src/platform/_deno_network.ts";
import { type DriverOptions, nodeDriver } from "../../src/platform/_node_network.ts";
import { Errno } from "../../src/witx/errno.ts";
import { startDnsServer } from "./dns_server.ts";
import { driverSuite } from "./driver_suite.ts";
import { lookup } from "./lookup_cases.ts";

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

describe("lookups by a DNS server", () => {
  const addresses: readonly SocketAddress[] = [
    { family: Family.INET, host: "10.0.0.1", port: 0 },
    { family: Family.INET6, host: "2001:db8::1", port: 0 },
  ];

  it("are answered as it answers", async () => {
    const server = await startDnsServer();
    const driver = makeDriver({ dnsServer: `127.0.0.1:${server.port}` });
    try {
      expect(await lookup(driver, "both.test", 0)).toEqual(addresses);
      expect(await lookup(driver, "both.test", Family.INET)).toEqual(addresses.slice(0, 1));
      expect(await lookup(driver, "both.test", Family.INET6)).toEqual(addresses.slice(1));
      expect(await lookup(driver, "v4.test", 0)).toEqual(addresses.slice(0, 1));
      expect(await lookup(driver, "v4.test", Family.INET6)).toBe(Errno.NOENT);
      expect(await lookup(driver, "empty.test", 0)).toBe(Errno.NOENT);
      expect(await lookup(driver, "missing.test", 0)).toBe(Errno.NOENT);
      // Deno does not tell a server that fails from one that knows no such name.
      expect(await lookup(driver, "broken.test", 0)).toBe(isDeno ? Errno.NOENT : Errno.AGAIN);
      expect(await lookup(driver, "refused.test", 0)).toBe(isDeno ? Errno.NOENT : Errno.IO);
      expect(server.asked).toContain("both.test");
    } finally {
      server.close();
    }
  });

  it("do not ask it for localhost", async () => {
    const server = await startDnsServer();
    try {
      const driver = makeDriver({ dnsServer: `127.0.0.1:${server.port}` });
      expect(await lookup(driver, "localhost", Family.INET)).toEqual([{ family: 1, host: "127.0.0.1", port: 0 }]);
      expect(server.asked).toEqual([]);
    } finally {
      server.close();
    }
  });

  it("can be given up", async () => {
    const server = await startDnsServer();
    try {
      let answered = false;
      const cancel = makeDriver({ dnsServer: `127.0.0.1:${server.port}` })
        .lookup("silent.test", 0, () => answered = true);
      await new Promise((resolve) => setTimeout(resolve, 50));
      cancel();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([answered, server.asked.includes("silent.test")]).toEqual([false, true]);
    } finally {
      server.close();
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
