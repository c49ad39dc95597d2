;; Asks the socket that it starts with again and again and never waits: a byte with sock_recv, one with fd_read, and one
;; that poll_oneoff with a timeout of zero tells of. Before each it sends one byte. Exits with 0, or 1 if one never comes.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv" (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 16: one piece, 1 byte at 32
  (data (i32.const 16) "\20\00\00\00\01\00\00\00")
  ;; 100: a subscription to a clock with timeout 0, and one to descriptor 3
  (data (i32.const 116) "\01")
  (data (i32.const 156) "\01\00\00\00\00\00\00\00\03")

  (func $send
    (drop (call $fd_write (i32.const 3) (i32.const 16) (i32.const 1) (i32.const 0))))

  ;; 0 if a byte has come.
  (func $try (param $how i32) (result i32)
    (if (i32.eq (local.get $how) (i32.const 0))
      (then (return
        (call $sock_recv (i32.const 3) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 4)))))
    (if (i32.eq (local.get $how) (i32.const 1))
      (then (return (call $fd_read (i32.const 3) (i32.const 16) (i32.const 1) (i32.const 0)))))
    (drop (call $poll_oneoff (i32.const 100) (i32.const 300) (i32.const 2) (i32.const 0)))
    ;; The last event is that of the socket, if there is one: its type is not 0.
    (if (i32.load8_u (i32.sub (i32.add (i32.const 300) (i32.mul (i32.load (i32.const 0)) (i32.const 32))) (i32.const 22)))
      (then (return (call $fd_read (i32.const 3) (i32.const 16) (i32.const 1) (i32.const 0)))))
    (i32.const 6))

  (func $spin (param $how i32) (local $left i32)
    (call $send)
    (local.set $left (i32.const 20000000))
    (loop $again
      (if (i32.eqz (call $try (local.get $how))) (then (return)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $proc_exit (i32.const 1)))

  (func (export "_start")
    (call $spin (i32.const 0))
    (call $spin (i32.const 1))
    (call $spin (i32.const 2)))
)
