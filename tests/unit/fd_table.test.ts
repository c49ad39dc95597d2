import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../../src/preview1/descriptor.ts";
import { FdTable } from "../../src/preview1/fd_table.ts";

let made = 0;

/** A row that can be told from all others. */
function row(): Descriptor {
  return { flags: made++ } as Descriptor;
}

describe("FdTable", () => {
  test("gives the lowest number that is free", () => {
    const table = new FdTable(10);
    expect([row(), row(), row(), row()].map((descriptor) => table.insert(descriptor))).toEqual([0, 1, 2, 3]);
    table.remove(2);
    table.remove(0);
    expect([row(), row(), row()].map((descriptor) => table.insert(descriptor))).toEqual([0, 2, 4]);
  });

  test("has room up to its limit", () => {
    const table = new FdTable(2);
    table.insert(row());
    expect(table.hasRoom()).toBe(true);
    table.insert(row());
    expect(table.hasRoom()).toBe(false);
    expect(table.insert(row())).toBe(-1);
    table.remove(0);
    expect(table.insert(row())).toBe(0);
  });

  test("renumbers: one row is replaced, and its old number is free", () => {
    const table = new FdTable(3);
    const rows = [row(), row(), row()];
    for (const descriptor of rows) table.insert(descriptor);
    expect(table.renumber(0, 2)).toBe(rows[2]);
    expect(table.get(2)).toBe(rows[0]);
    expect(table.get(0)).toBeUndefined();
    expect(table.hasRoom()).toBe(true);
    expect(table.insert(row())).toBe(0);
  });

  test("gives everything back, highest number first", () => {
    const table = new FdTable(5);
    const rows = [row(), row(), row()];
    for (const descriptor of rows) table.insert(descriptor);
    table.remove(1);
    expect([...table.drain()]).toEqual([rows[2], rows[0]]);
    expect(table.get(0)).toBeUndefined();
    expect(table.insert(row())).toBe(0);
  });

  test("knows no number that no descriptor can have", () => {
    const table = new FdTable(5);
    table.insert(row());
    for (const fd of [1, 5, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(table.get(fd)).toBeUndefined();
      expect(table.remove(fd)).toBeUndefined();
    }
  });

  test("does what a list of numbers does, in any order of calls", () => {
    const operation = fc.oneof(
      fc.constant(["insert"] as const),
      fc.tuple(fc.constant("remove" as const), fc.nat(12)),
      fc.tuple(fc.constant("renumber" as const), fc.nat(12), fc.nat(12)),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80, size: "max" }), (operations) => {
        const table = new FdTable(8);
        const model = new Map<number, Descriptor>();
        for (const [name, fd, to] of operations) {
          if (name === "insert") {
            const descriptor = row();
            let lowest = 0;
            while (model.has(lowest)) lowest++;
            if (model.size < 8) model.set(lowest, descriptor);
            expect(table.insert(descriptor)).toBe(model.get(lowest) === descriptor ? lowest : -1);
          } else if (name === "remove") {
            expect(table.remove(fd!)).toBe(model.get(fd!));
            model.delete(fd!);
          } else if (fd !== to && model.has(fd!) && model.has(to!)) {
            expect(table.renumber(fd!, to!)).toBe(model.get(to!));
            model.set(to!, model.get(fd!)!);
            model.delete(fd!);
          }
          for (let i = 0; i < 14; i++) expect(table.get(i)).toBe(model.get(i));
          expect(table.hasRoom()).toBe(model.size < 8);
        }
      }),
      { numRuns: 100 },
    );
  });
});
