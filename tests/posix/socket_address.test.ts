/** Addresses of sockets in the memory of system calls. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SocketAddress } from "../../src/contract/network.ts";
import { addressOf, withScope } from "../../src/contract/address.ts";
import { AddressReader, AddressWriter, SOCKADDR_BYTES } from "../../src/platform/posix/net/socket_address.ts";
import { darwin } from "../../src/platform/posix/target/darwin.ts";
import { linux } from "../../src/platform/posix/target/linux.ts";

const port = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });
const address: fc.Arbitrary<SocketAddress> = fc.oneof(
  fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), port).map(([bytes, port]) => addressOf(bytes, port)),
  fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), port, fc.oneof(fc.constant(0), u32), fc.oneof(u32))
    .map(([bytes, port, scope, flow]) => withScope(addressOf(bytes, port), scope, flow)),
);

describe.each([["Linux", linux("x64")], ["macOS", darwin()]] as const)("IP addresses on %s", (_, target) => {
  const u8 = new Uint8Array(SOCKADDR_BYTES);
  const region = { address: 0, u8, u32: new Uint32Array(u8.buffer), i32: new Int32Array(u8.buffer) };

  test("are read as they were written, with zone and flow information", () => {
    const writer = new AddressWriter(target, region);
    const reader = new AddressReader(target, region);
    fc.assert(fc.property(fc.array(address, { minLength: 1, maxLength: 4 }), (addresses) => {
      for (const one of addresses) expect(reader.read(writer.write(one), one.family)).toEqual(one);
    }));
  });

  test("are written again after the address that ends an association", () => {
    const writer = new AddressWriter(target, region);
    const reader = new AddressReader(target, region);
    const one = addressOf(Uint8Array.of(192, 0, 2, 1), 80);
    writer.write(one);
    expect(writer.writeUnspecified()).toBe(16);
    expect([u8[target.hasSockaddrLength ? 1 : 0], u8[2], u8[4]]).toEqual([0, 0, 0]);
    expect(reader.read(writer.write(one), one.family)).toEqual(one);
  });
});
