;; A command that traps.
(component
  (core module $main
    (func $inner unreachable)
    (func (export "run") (result i32) call $inner i32.const 0))
  (core instance $main (instantiate $main))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
