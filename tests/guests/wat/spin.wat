;; Calls sched_yield 1,000 times, as a scheduler with nothing else to do would, then ends with the last errno.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $main (export "_start")
    (local $left i32)
    (local $errno i32)
    (local.set $left (i32.const 1000))
    (loop $again
      (local.set $errno (call $sched_yield))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $proc_exit (local.get $errno))))
