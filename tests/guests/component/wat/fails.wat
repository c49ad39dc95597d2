;; A command whose run returns an error, and that imports nothing.
(component
  (core module $main (func (export "run") (result i32) i32.const 1))
  (core instance $main (instantiate $main))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.3" (instance $exported)))
