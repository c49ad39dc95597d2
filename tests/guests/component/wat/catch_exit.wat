;; A command that catches whatever leaves exit, and would then return success.
(component
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit" (func (param "status" (result))))))
  (core func $exit (canon lower (func $exit "exit")))
  (core module $main
    (import "exit" "exit" (func $exit (param i32)))
    (func (export "run") (result i32)
      (block $caught
        (try_table (catch_all $caught)
          (call $exit (i32.const 1))))
      i32.const 0))
  (core instance $main (instantiate $main
    (with "exit" (instance (export "exit" (func $exit))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
