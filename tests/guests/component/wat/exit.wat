;; A command that exits with the code 42 by exit-with-code.
(component
  (import "wasi:cli/exit@0.2.12" (instance $exit
    (export "exit-with-code" (func (param "status-code" u8)))))
  (core func $exit-with-code (canon lower (func $exit "exit-with-code")))
  (core module $main
    (import "exit" "with-code" (func $exit (param i32)))
    (func (export "run") (result i32)
      (call $exit (i32.const 42))
      i32.const 0))
  (core instance $main (instantiate $main
    (with "exit" (instance (export "with-code" (func $exit-with-code))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.12" (instance $exported)))
