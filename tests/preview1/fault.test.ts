/** Pointers that lead out of memory: FAULT, and nothing is done. */

import { describe, expect, test } from "vitest";
import { WasiExit } from "../../src/core/guest/exit.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { totalLength } from "../../src/contract/vectors.ts";
import { emptyIoVectors, GuestMemory } from "../../src/preview1/abi/memory.ts";
import { AbiGuest, type Argument, differences, le, MEMORY_SIZE } from "./abi_guest.ts";
import { FILE, Place, type Pointer, VALID_CALLS, type ValidCall } from "./arguments.ts";
import { validGuest } from "./valid_guest.ts";

function sizeOf({ size }: Pointer, args: readonly Argument[]): number {
  return typeof size === "number" ? size : Number(args[size.at]) * size.each;
}

/** What a call does to files and descriptors, for comparison. */
function state(at: AbiGuest): unknown {
  const { root } = at.platform;
  const open = Array.from({ length: 8 }, (_, fd) => at.instance.system.table.get(fd) !== undefined);
  return [root.entries(), root.readText("file"), open, at.platform.stdout.text()];
}

const withPointers = Object.entries(VALID_CALLS).filter(([, { pointers }]) => pointers.length > 0);

test("the table has every import, with its number of arguments", () => {
  expect(Object.keys(VALID_CALLS)).toEqual(Object.keys(SIGNATURES));
  for (const [name, { args }] of Object.entries(VALID_CALLS)) {
    const types = args.map((arg) => typeof arg === "bigint" ? "i64" : "i32");
    expect(types, name).toEqual(SIGNATURES[name]!.params.map(({ core }) => core));
  }
});

test.each(Object.entries(VALID_CALLS))("%s takes its valid arguments", (name, { args }) => {
  const at = validGuest(name);
  if (name === "proc_exit") expect(() => at.call(name, ...args)).toThrow(WasiExit);
  else if (name.startsWith("sock_")) expect(errnoName(at.call(name, ...args))).toBe("NOTSOCK");
  else at.must(name, ...args);
  at.close();
});

describe.each(withPointers)("%s", (name: string, { args, pointers }: ValidCall) => {
  test.each(pointers)("argument $at outside of memory is FAULT", (pointer) => {
    const at = validGuest(name);
    const size = sizeOf(pointer, args);
    const before = at.bytes.slice();
    const stateBefore = state(at);
    for (const ptr of [MEMORY_SIZE - size + 1, MEMORY_SIZE, 0x7fffffff, 0x80000000, -size, -1]) {
      const wrong = args.map((arg, i) => i === pointer.at ? ptr | 0 : arg);
      expect(errnoName(at.call(name, ...wrong)), `at ${ptr}`).toBe("FAULT");
    }
    expect(differences(at.bytes, before)).toEqual([]);
    expect(state(at)).toEqual(stateBefore);
    at.close();
  });

  test.each(pointers.filter((pointer) => !pointer.isInput))(
    "argument $at may be the last bytes of memory",
    (pointer) => {
      const at = validGuest(name);
      const ptr = MEMORY_SIZE - sizeOf(pointer, args);
      const errno = at.call(name, ...args.map((arg, i) => i === pointer.at ? ptr : arg));
      expect(errnoName(errno)).toBe(name.startsWith("sock_") ? "NOTSOCK" : "SUCCESS");
      at.close();
    },
  );

  test.each(pointers.filter(({ size }) => typeof size !== "number"))(
    "argument $at with a count that is too large",
    (pointer) => {
      const at = validGuest(name);
      const before = at.bytes.slice();
      const stateBefore = state(at);
      const { at: countAt } = pointer.size as { at: number };
      for (const count of [MEMORY_SIZE, 0x1fffffff, 0x20000000, 0x7fffffff, -0x80000000, -1]) {
        const wrong = args.map((arg, i) => i === countAt ? count : arg);
        expect(["FAULT", "INVAL"], `count ${count}`).toContain(errnoName(at.call(name, ...wrong)));
      }
      expect(differences(at.bytes, before)).toEqual([]);
      expect(state(at)).toEqual(stateBefore);
      at.close();
    },
  );
});

describe("vectors", () => {
  const calls: readonly (readonly [string, (ptr: number, count: number) => readonly Argument[]])[] = [
    ["fd_read", (ptr, count) => [FILE, ptr, count, Place.RESULT]],
    ["fd_write", (ptr, count) => [FILE, ptr, count, Place.RESULT]],
    ["fd_pread", (ptr, count) => [FILE, ptr, count, 0n, Place.RESULT]],
    ["fd_pwrite", (ptr, count) => [FILE, ptr, count, 0n, Place.RESULT]],
    ["sock_recv", (ptr, count) => [FILE, ptr, count, 0, Place.RESULT, Place.OTHER_RESULT]],
    ["sock_send", (ptr, count) => [FILE, ptr, count, 0, Place.RESULT]],
  ];

  test.each(calls)("of %s that lead out of memory are FAULT, and none before them is used", (name, args) => {
    const at = validGuest(name);
    const stateBefore = state(at);
    for (
      const [start, length] of [[MEMORY_SIZE - 3, 4], [0xffffffff, 1], [0, MEMORY_SIZE + 1], [8, 0xffffffff], [
        MEMORY_SIZE + 1,
        0,
      ]]
    ) {
      at.put(8192, le([Place.BUFFER, 4], [4, 4], [start!, 4], [length!, 4]));
      const before = at.bytes.slice();
      expect(errnoName(at.call(name, ...args(8192, 2))), `${start} ${length}`).toBe("FAULT");
      expect(differences(at.bytes, before)).toEqual([]);
    }
    expect(state(at)).toEqual(stateBefore);
    at.close();
  });

  test.each(calls)("of %s are looked at up to the 1,024th", (name, args) => {
    const at = validGuest(name);
    const expected = name.startsWith("sock_") ? "NOTSOCK" : "SUCCESS";
    for (let i = 0; i < 1024; i++) at.put(8192 + 8 * i, le([Place.BUFFER, 4], [i % 2, 4]));
    at.put(8192 + 8 * 1024, le([MEMORY_SIZE, 4], [1, 4]));
    for (const count of [1024, 1025, 0x7fffffff, -1]) {
      expect(errnoName(at.call(name, ...args(8192, count))), String(count)).toBe(expected);
    }
    const last = MEMORY_SIZE - 8 * 1024;
    for (let i = 0; i < 1024; i++) at.put(last + 8 * i, le([Place.BUFFER, 4], [i % 2, 4]));
    expect(errnoName(at.call(name, ...args(last, -1)))).toBe(expected);
    expect(errnoName(at.call(name, ...args(last + 8, -1)))).toBe("FAULT");
    at.put(8192 + 8 * 1023, le([MEMORY_SIZE, 4], [1, 4]));
    expect(errnoName(at.call(name, ...args(8192, -1)))).toBe("FAULT");
    at.close();
  });

  test("that add up to 2^31 bytes or more are cut where Linux does, and not looked at behind that", () => {
    const most = 0x7ffff000;
    const memory = new WebAssembly.Memory({ initial: 33 });
    const guest = new GuestMemory();
    guest.attach(memory);
    guest.refresh();
    // The pieces overlap: 1,024 of 2 MiB make 2^31 bytes.
    for (let i = 0; i < 1024; i++) guest.view.setUint32(8 * i + 4, 2 ** 21, true);
    const iovs = emptyIoVectors();
    expect(guest.readIovecs(0, 1024, iovs)).toBe(Errno.SUCCESS);
    expect(totalLength(iovs)).toBe(most);
    expect([iovs.count, iovs.lengths[1023]]).toEqual([1024, 2 ** 21 - 4096]);
    guest.view.setUint32(4, 2 ** 21 - 4096, true);
    expect(guest.readIovecs(0, 1025, iovs)).toBe(Errno.SUCCESS);
    expect(totalLength(iovs)).toBe(most);
    guest.view.setUint32(8 * 1023, 33 * 65536, true);
    expect(guest.readIovecs(0, 1024, iovs)).toBe(Errno.FAULT);
    // Now those before it are all that is moved.
    for (let i = 0; i < 1023; i++) guest.view.setUint32(8 * i + 4, 33 * 65536, true);
    expect(guest.readIovecs(0, 1024, iovs)).toBe(Errno.SUCCESS);
    expect(totalLength(iovs)).toBe(most);
    expect(iovs.count).toBe(993);
  });

  test("may overlap each other, and the result", () => {
    const at = validGuest("fd_read");
    at.put(8192, le([9000, 4], [3, 4], [9001, 4], [3, 4]));
    at.check("fd_read", [FILE, 8192, 2, 8192], Errno.SUCCESS, { 8192: le([4, 4]), 9000: [0x74, 0x74, 0x78] });
    at.close();
  });
});
