;; Traps in $innermost, which $main calls through $middle.
(module
  (memory (export "memory") 1)
  (func $innermost
    unreachable)
  (func $middle
    (call $innermost))
  (func $main (export "_start")
    (call $middle)))
