import { describe, expect, test } from "vitest";
import { ResourceType } from "../../../src/component/link/resource_type.ts";
import { type Linked, linked } from "./linked.ts";

/** What tests of host resources count. */
class Blob {
  readonly name: string;
  isDestroyed = false;

  constructor(name: string) {
    this.name = name;
  }
}

const HOST = `
  (import "host" (instance $host
    (export "blob" (type $blob (sub resource)))
    (export "make" (func (param "id" u32) (result (own $blob))))
    (export "name" (func (param "self" (borrow $blob)) (result u32)))
    (export "both" (func (param "self" (borrow $blob)) (param "gone" (own $blob))))
    (export "take" (func (param "gone" (own $blob)) (param "self" (borrow $blob))))))
  (alias export $host "blob" (type $blob))
  (core func $make (canon lower (func $host "make")))
  (core func $name (canon lower (func $host "name")))
  (core func $both (canon lower (func $host "both")))
  (core func $take (canon lower (func $host "take")))
  (core func $drop (canon resource.drop $blob))
  (core module $M
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "name" (func $name (param i32) (result i32)))
    (import "" "both" (func $both (param i32 i32)))
    (import "" "take" (func $take (param i32 i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $make (local.get 0)))
    (func (export "name") (param i32) (result i32) (call $name (local.get 0)))
    (func (export "both") (param i32 i32) (call $both (local.get 0) (local.get 1)))
    (func (export "take") (param i32 i32) (call $take (local.get 0) (local.get 1)))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "keep") (param i32))
    (func (export "give") (param i32) (call $drop (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance
    (export "make" (func $make)) (export "name" (func $name)) (export "both" (func $both))
    (export "take" (func $take)) (export "drop" (func $drop))))))
  (func (export "make") (param "id" u32) (result u32) (canon lift (core func $m "make")))
  (func (export "name") (param "h" u32) (result u32) (canon lift (core func $m "name")))
  (func (export "both") (param "a" u32) (param "b" u32) (canon lift (core func $m "both")))
  (func (export "take") (param "a" u32) (param "b" u32) (canon lift (core func $m "take")))
  (func (export "drop") (param "h" u32) (canon lift (core func $m "drop")))
  (func (export "keep") (param "b" (borrow $blob)) (canon lift (core func $m "keep")))
  (func (export "give") (param "b" (borrow $blob)) (canon lift (core func $m "give")))`;

async function withBlobs(): Promise<{ readonly guest: Linked; readonly made: Blob[] }> {
  const made: Blob[] = [];
  const blob = new ResourceType<Blob>("blob", (rep) => {
    rep.isDestroyed = true;
  });
  const functions = {
    make: {
      type: "func(id: u32) -> own<blob>",
      call: ([id]: readonly unknown[]) => made[made.push(new Blob(String(id))) - 1],
    },
    name: {
      type: "func(self: borrow<blob>) -> u32",
      call: ([self]: readonly unknown[]) => Number((self as Blob).name),
    },
    both: { type: "func(self: borrow<blob>, gone: own<blob>)", call: () => undefined },
    take: { type: "func(gone: own<blob>, self: borrow<blob>)", call: () => undefined },
  };
  const guest = await linked(`(component ${HOST})`, { functions: { host: functions }, resources: { host: { blob } } });
  return { guest, made };
}

describe("resources of the host", () => {
  test("handles are numbered from 1, and the index that was freed last is used first", async () => {
    const { guest, made } = await withBlobs();
    expect([10, 11, 12].map((id) => guest.call("make", id))).toEqual([1, 2, 3]);
    expect(guest.call("name", 2)).toBe(11);
    guest.call("drop", 1);
    guest.call("drop", 3);
    expect(made.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false, true]);
    expect([13, 14].map((id) => guest.call("make", id))).toEqual([3, 1]);
    expect(guest.instance.handles.size).toBe(3);
  });

  test("a handle that is given away is gone, and the host has not dropped the resource", async () => {
    const { guest, made } = await withBlobs();
    guest.call("make", 1);
    guest.call("make", 2);
    guest.call("take", 1, 2);
    expect(guest.instance.handles.size).toBe(1);
    expect(made[0]?.isDestroyed).toBe(false);
    guest.call("both", 2, guest.call("make", 3));
    expect([...guest.instance.handles.entries()].map((each) => (each as unknown as { lendCount: number }).lendCount))
      .toEqual([0]);
  });

  test.each<[string, readonly number[], string]>([
    ["name", [0], "unknown handle index 0"],
    ["name", [7], "unknown handle index 7"],
    ["name", [2 ** 32 - 1], "unknown handle index 4294967295"],
    ["drop", [2], "unknown handle index 2"],
    ["both", [1, 1], "cannot remove owned resource while borrowed"],
    ["take", [1, 1], "unknown handle index 1"],
  ])("%s%j traps", async (name, args, message) => {
    const { guest } = await withBlobs();
    guest.call("make", 1);
    expect(() => guest.call(name, ...args)).toThrow(message);
    expect(() => guest.call("name", 1)).toThrow("cannot enter component instance");
  });

  test("a borrowed handle must be dropped before the call returns", async () => {
    const { guest, made } = await withBlobs();
    guest.call("make", 1);
    guest.call("give", made[0]);
    expect(made[0]?.isDestroyed).toBe(false);
    expect(guest.instance.handles.size).toBe(1);
    expect(() => guest.call("keep", made[0])).toThrow("borrow handles still remain at the end of the call");
  });
});

describe("resources of components", () => {
  const text = `(component
    (component $Owner
      (core module $D
        (global $last (mut i32) (i32.const 0))
        (func (export "destroy") (param i32) (global.set $last (local.get 0)))
        (func (export "last") (result i32) (global.get $last)))
      (core instance $d (instantiate $D))
      (type $r' (resource (rep i32) (dtor (core func $d "destroy"))))
      (export $r "r" (type $r'))
      (core func $new (canon resource.new $r))
      (core module $M
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "rep") (param i32) (result i32) (local.get 0)))
      (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
      (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $m "make")))
      (func (export "rep") (param "self" (borrow $r)) (result u32) (canon lift (core func $m "rep")))
      (func (export "last") (result u32) (canon lift (core func $d "last"))))
    (component $User
      (import "owner" (instance $owner
        (export "r" (type $r (sub resource)))
        (export "make" (func (param "rep" u32) (result (own $r))))
        (export "rep" (func (param "self" (borrow $r)) (result u32)))))
      (alias export $owner "r" (type $r))
      (core func $make (canon lower (func $owner "make")))
      (core func $rep (canon lower (func $owner "rep")))
      (core func $drop (canon resource.drop $r))
      (core module $M
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "rep" (func $rep (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32) (local $h i32) (local $rep i32)
          (local.set $h (call $make (local.get 0)))
          (local.set $rep (call $rep (local.get $h)))
          (call $drop (local.get $h))
          (local.get $rep)))
      (core instance $m (instantiate $M (with "" (instance
        (export "make" (func $make)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
      (func (export "run") (param "rep" u32) (result u32) (canon lift (core func $m "run"))))
    (instance $owner (instantiate $Owner))
    (instance $user (instantiate $User (with "owner" (instance $owner))))
    (export "owner" (instance $owner))
    (func (export "run") (alias export $user "run")))`;

  test("a user gets handles, the owner what it has made, and the destructor runs in the owner", async () => {
    const guest = await linked(text);
    expect(guest.call("run", 77)).toBe(77);
    expect(guest.call("owner#last")).toBe(77);
    expect(guest.instance.handles.size).toBe(0);
  });

  test("the host gets what the owner has made, lends it, and destroys it", async () => {
    const guest = await linked(text);
    const rep = guest.call("owner#make", 42);
    expect(rep).toBe(42);
    expect(guest.call("owner#rep", rep)).toBe(42);
    const owner = guest.exports.get("owner");
    const type = owner?.sort === "instance" ? owner.value.get("r") : undefined;
    if (type?.sort !== "type" || type.value.kind !== "resource") throw new Error("no resource");
    expect(type.value.resource.name).toBe("r");
    (type.value.resource as ResourceType).destroy(rep);
    expect(guest.call("owner#last")).toBe(42);
  });
});
