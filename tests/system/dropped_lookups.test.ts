/** Lookups whose guest does not wait for them any more. */

import { expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import { Interrupt } from "../../src/core/io/interrupt.ts";
import { eventNetwork } from "../../src/core/net/events/network.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { Errno } from "../../src/witx/errno.ts";
import { ScriptedDriver, v4 } from "../unit/scripted_driver.ts";
import { makeSocketSystem, type SocketSubject } from "./socket_systems.ts";

async function makeSystem(driver: ScriptedDriver, interrupt: Interrupt): Promise<SocketSubject> {
  const made = { platform: detectPlatform()(), network: eventNetwork(driver) };
  return await makeSocketSystem(made, { net: { allow: ["one.test:80"] }, interrupt });
}

test("a lookup is dropped when the guest is interrupted, and the driver is told", async () => {
  const driver = new ScriptedDriver();
  const interrupt = new Interrupt();
  const { system } = await makeSystem(driver, interrupt);
  const looking = system.sock.lookup("one.test", 0, { addresses: [] });
  expect(driver.lookups.map(({ name, isCancelled }) => [name, isCancelled])).toEqual([["one.test", false]]);
  const reason = new Error("enough");
  interrupt.raise(reason);
  await expect(looking).rejects.toBe(reason);
  expect(driver.lookups[0]!.isCancelled).toBe(true);
  system.close();
});

test("the lookups of a connect are dropped when the system is closed", async () => {
  const driver = new ScriptedDriver();
  const interrupt = new Interrupt();
  const { system, sockets } = await makeSystem(driver, interrupt);
  const connecting = system.sock.connect(sockets.mustOpen(Family.INET), v4("192.0.2.1", 80));
  interrupt.raise("over");
  await expect(connecting).rejects.toBe("over");
  expect(driver.lookups[0]!.isCancelled).toBe(false);
  system.close();
  expect(driver.lookups[0]!.isCancelled).toBe(true);
});

test("a connect ends when its socket is closed during the lookups", async () => {
  const driver = new ScriptedDriver();
  const { system, sockets } = await makeSystem(driver, new Interrupt());
  const fd = sockets.mustOpen(Family.INET);
  const connecting = system.sock.connect(fd, v4("192.0.2.1", 80));
  sockets.close(fd);
  expect(await connecting).toBe(Errno.CANCELED);
  expect([driver.lookups[0]!.isCancelled, driver.connections]).toEqual([true, []]);
  system.close();
});
