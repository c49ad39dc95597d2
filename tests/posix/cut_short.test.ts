import { describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import { Iovecs } from "../../src/platform/posix/fs/iovecs.ts";
import type { Libc } from "../../src/platform/posix/ffi/libc.ts";
import { AddressReader } from "../../src/platform/posix/net/socket_address.ts";
import { Views } from "../../src/platform/posix/ffi/views.ts";
import { ownHost } from "./posix_sockets.ts";

/** As a stack that ends in the middle of a call. */
class Cut extends Error {}

/** An array whose `subarray` fails once. */
class FragileBytes extends Uint8Array<ArrayBuffer> {
  isCut = false;

  override subarray(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    if (!this.isCut) return super.subarray(start, end);
    this.isCut = false;
    throw new Cut();
  }
}

/** Bytes of an address that can't be read once. */
class SenderBytes extends FragileBytes {
  override subarray(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    const { isCut } = this;
    this.isCut = false;
    const bytes = super.subarray(start, end);
    if (isCut) {
      Object.defineProperty(bytes, "length", {
        get() {
          throw new Cut();
        },
      });
    }
    return bytes;
  }
}

describe("after an exception in the middle of a call", () => {
  test("iovecs never name the memory of another guest", () => {
    const { libc } = ownHost();
    let isCut = false;
    const addressOf = (bytes: Uint8Array): number => {
      if (isCut) throw new Cut();
      return libc.ffi.addressOf(bytes);
    };
    const iovecs = new Iovecs(Object.create(libc, { ffi: { value: { ...libc.ffi, addressOf } } }) as Libc);
    const [mine, other] = [new Uint8Array(65536), new Uint8Array(65536)];
    const [mineAt, otherAt] = [iovecs.addressOf(mine, 0), iovecs.addressOf(other, 0)];
    isCut = true;
    expect(() => iovecs.addressOf(mine, 0)).toThrow(Cut);
    isCut = false;
    expect(iovecs.addressOf(mine, 0)).toBe(mineAt);
    expect(iovecs.addressOf(other, 0)).toBe(otherAt);
    expect(mineAt).not.toBe(otherAt);
  });

  test("views never show the memory of another guest", () => {
    const views = new Views();
    const [mine, other] = [new FragileBytes(new ArrayBuffer(4096)), new FragileBytes(new ArrayBuffer(4096))];
    expect(views.from(other, 64).buffer).toBe(other.buffer);
    mine.isCut = true;
    expect(() => views.from(mine, 64)).toThrow(Cut);
    expect(views.from(mine, 64).buffer).toBe(mine.buffer);
    expect(views.from(other, 64).buffer).toBe(other.buffer);
  });

  test("a sender is never taken for the one before", () => {
    const u8 = new SenderBytes(new ArrayBuffer(112));
    const region = { address: 0, u8, u32: new Uint32Array(u8.buffer), i32: new Int32Array(u8.buffer) };
    const reader = new AddressReader(ownHost().libc.target, region);
    u8.set([127, 0, 0, 1], 4);
    expect(reader.read(16, Family.INET)).toMatchObject({ host: "127.0.0.1" });
    u8.set([10, 1, 2, 3], 4);
    u8.isCut = true;
    expect(() => reader.read(16, Family.INET)).toThrow(Cut);
    expect(reader.read(16, Family.INET)).toMatchObject({ host: "10.1.2.3" });
  });
});
