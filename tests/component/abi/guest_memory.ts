/**
 * A guest's memory with an allocator in WebAssembly, and a call context over it.
 *
 * @module
 */

import { CallContext } from "../../../src/component/abi/context.ts";
import type { Realloc } from "../../../src/component/abi/context.ts";
import type { StringEncoding } from "../../../src/component/abi/strings.ts";
import { ComponentInstance } from "../../../src/component/link/component_instance.ts";
import { Store } from "../../../src/component/link/store.ts";
import { assembleBare } from "../../tools/wat.ts";

/** Allocates upwards, and grows the memory by as many pages as needed, so that views are detached again and again. */
const ALLOCATOR = `(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $end i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then (drop (memory.grow (i32.sub
        (i32.shr_u (i32.add (local.get $end) (i32.const 65535)) (i32.const 16)) (memory.size))))))
    (global.set $next (local.get $end))
    (local.get $at)))`;

const allocator = new WebAssembly.Module(assembleBare("allocator.wat", ALLOCATOR));

/** A guest: an instance, and a context for calls from or to it. */
export interface GuestMemory {
  readonly instance: ComponentInstance;
  readonly cx: CallContext;
  readonly memory: WebAssembly.Memory;
}

/** Make a guest. */
export function guestMemory(encoding: StringEncoding = "utf8", store: Store = new Store()): GuestMemory {
  const { exports } = new WebAssembly.Instance(allocator);
  const memory = exports["memory"] as WebAssembly.Memory;
  const instance = new ComponentInstance(store);
  const cx = new CallContext(instance, { memory, realloc: exports["realloc"] as Realloc, encoding });
  cx.enter();
  return { instance, cx, memory };
}

/** A guest whose `realloc` answers what it is told to. */
export function guestWithRealloc(realloc: Realloc, encoding: StringEncoding = "utf8"): GuestMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new ComponentInstance(new Store());
  const cx = new CallContext(instance, { memory, realloc, encoding });
  cx.enter();
  return { instance, cx, memory };
}
