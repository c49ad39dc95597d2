/** Components of every kind of definition, to be decoded, changed and decoded again. */

import { readFile } from "node:fs/promises";
import { assembleComponent, witComponent } from "../../tools/component_guests.ts";

/** Components in the text format, by what they are about. */
const TEXTS: Readonly<Record<string, string>> = {
  types: `(component
    (type $r (record (field "a" u8) (field "b-c" string) (field "D" (list f64))))
    (type $v (variant (case "one" $r) (case "two") (case "three" (tuple char bool s64))))
    (type (flags "a" "b" "c"))
    (type $e (enum "x" "y"))
    (type (option (result u16 (error $e))))
    (type (result))
    (type (list (option (list $v))))
    (import "rec" (type $r2 (eq $r)))
    (import "f" (func (param "x" u32) (param "y" (list string)) (result (tuple u8 f32))))
    (import "g" (func async (param "s" (stream u8)) (result (future string)))))`,
  interfaces: `(component
    (import "wasi:io/error@0.2.1" (instance $error (export "error" (type (sub resource)))))
    (alias export $error "error" (type $err))
    (import "wasi:io/streams@0.2.1" (instance $streams
      (alias outer 1 $err (type $outer))
      (export "error" (type $error (eq $outer)))
      (export "output-stream" (type $out (sub resource)))
      (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
      (export "stream-error" (type $stream-error (eq $failure)))
      (export "[method]output-stream.write"
        (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
    (alias export $streams "output-stream" (type $out))
    (core func $drop (canon resource.drop $out)))`,
  nested: `(component
    (type $c (component
      (import "a" (type $a (sub resource)))
      (export "i" (instance (export "f" (func (param "x" (own $a))))))))
    (import "c" (component $child (type $c)))
    (import "t" (type $t (sub resource)))
    (instance $i (instantiate $child (with "a" (type $t))))
    (component $inner (import "m" (core module (export "x" (func (param i32)) ) (import "a" "b" (memory 1 2))))
      (component (core type (func (param i64) (result f32)))))
    (export "e" (instance $i "i")))`,
  resources: `(component
    (core module $m
      (memory (export "mem") 1)
      (func (export "dtor") (param i32))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "get") (param i32) (result i32) local.get 0)
      (func (export "post") (param i32)))
    (core instance $i (instantiate $m))
    (type $R (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $new (canon resource.new $R))
    (core func $rep (canon resource.rep $R))
    (core instance $bag (export "new" (func $new)) (export "mem" (memory $i "mem")))
    (export $R2 "thing" (type $R))
    (func $f (param "self" (borrow $R2)) (result string)
      (canon lift (core func $i "get") (memory (core memory $i "mem"))
        (realloc (core func $i "realloc")) (post-return (core func $i "post"))))
    (export "[method]thing.name" (func $f))
    (instance $out (export "thing" (type $R2)))
    (export "my:pkg/things@1.2.3" (instance $out)))`,
  async: `(component
    (core module $m (memory (export "mem") 1))
    (core instance $i (instantiate $m))
    (alias core export $i "mem" (core memory $mem))
    (type $s (stream u8))
    (type $f (future string))
    (core func (canon task.return (result u32)))
    (core func (canon stream.new $s))
    (core func (canon stream.read $s (memory (core memory $mem)) async))
    (core func (canon future.cancel-write $f async))
    (core func (canon waitable-set.new))
    (core func (canon waitable-set.wait (memory (core memory $mem))))
    (core func (canon waitable.join))
    (core func (canon context.get i32 0))
    (core func (canon subtask.cancel async))
    (core func (canon thread.yield))
    (core func (canon backpressure.inc)))`,
};

/** The components, by what they are about. */
export async function corpus(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const components = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, text] of Object.entries(TEXTS)) components.set(name, await assembleComponent(text));
  components.set("a program in C", new Uint8Array(await readFile(await witComponent("streams"))));
  return components;
}
