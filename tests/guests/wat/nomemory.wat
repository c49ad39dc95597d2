;; A command that exports no memory, although it calls a function that needs one.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory 1)
  (func $main (export "_start")
    (drop (call $random_get (i32.const 0) (i32.const 8)))))
