;; Imports a function that nobody provides, from a module of its own.
(module
  (import "oracle" "ask" (func $ask (param i32 i64 f32 f64) (result i32)))
  (memory (export "memory") 1)
  (func $main (export "_start")
    (drop (call $ask (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4)))))
