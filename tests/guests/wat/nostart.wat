;; Neither a command nor a reactor: exports neither _start nor _initialize.
(module
  (memory (export "memory") 1)
  (func $answer (export "answer") (result i32)
    i32.const 42))
