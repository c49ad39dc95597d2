;; Prints its arguments but the first, each with a newline, and exits with 3.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  ;; 0: argc, 4: bytes, 8: an iovec, 16: nwritten, 64: pointers, 1024: strings
  (func (export "_start") (local $at i32) (local $end i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (drop (call $args_get (i32.const 64) (i32.const 1024)))
    (local.set $end (i32.add (i32.const 1024) (i32.load (i32.const 4))))
    (local.set $at (i32.const 1024))
    ;; Every NUL becomes a newline.
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $at)))
        (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    ;; The second argument starts at the second pointer.
    (i32.store (i32.const 8) (i32.load (i32.const 68)))
    (i32.store (i32.const 12) (i32.sub (local.get $end) (i32.load (i32.const 68))))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
    (call $proc_exit (i32.const 3))))
