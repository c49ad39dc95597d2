;; Imports the functions of WasmEdge that have two versions in both, and some by their names with _v2 as well. It connects
;; to itself at 127.0.0.1:7777 and exits with 0, or with the number of the step that failed.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "epoll_oneoff" (func $epoll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_open" (func $sock_open (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_open_v2" (func $sock_open_v2 (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_bind" (func $sock_bind (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_listen_v2" (func $sock_listen_v2 (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_connect" (func $sock_connect (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept_v1 (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept_v2" (func $sock_accept_v2 (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv" (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv_from"
    (func $sock_recv_from_v1 (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv_from"
    (func $sock_recv_from_v2 (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_getlocaladdr" (func $sock_getlocaladdr_v1 (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_getlocaladdr" (func $sock_getlocaladdr_v2 (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_getsockopt" (func $sock_getsockopt (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; 16: { 127.0.0.1 } behind { ptr, len } at 24; 32: { 128 bytes } behind { ptr, len } at 40
  (data (i32.const 16) "\7f\00\00\01")
  (data (i32.const 24) "\10\00\00\00\04\00\00\00")
  (data (i32.const 40) "\00\04\00\00\80\00\00\00")
  ;; 48: one piece, "four" at 64; 80: one piece, 2 bytes at 128
  (data (i32.const 48) "\40\00\00\00\04\00\00\00")
  (data (i32.const 64) "four")
  (data (i32.const 80) "\80\00\00\00\02\00\00\00")
  ;; 96: 4, the length of an option by its pointer
  (data (i32.const 96) "\04\00\00\00")
  ;; 300: a subscription to the descriptor that is stored at 316: it can be read
  (data (i32.const 308) "\01")

  (global $step (mut i32) (i32.const 0))

  ;; Go on to the next step if what was answered is 0.
  (func $fine (param $errno i32)
    (global.set $step (i32.add (global.get $step) (i32.const 1)))
    (if (local.get $errno) (then (call $proc_exit (global.get $step)))))

  (func $equal (param $is i32) (param $should i32)
    (call $fine (i32.ne (local.get $is) (local.get $should))))

  (func (export "_start") (local $listener i32) (local $client i32) (local $server i32)
    (call $fine (call $sock_open (i32.const 1) (i32.const 2) (i32.const 0)))
    (local.set $listener (i32.load (i32.const 0)))
    (call $fine (call $sock_bind (local.get $listener) (i32.const 24) (i32.const 7777)))
    (call $fine (call $sock_listen_v2 (local.get $listener) (i32.const 1)))
    ;; 4: the address in version 1 has its type, 4, and the port
    (call $fine (call $sock_getlocaladdr_v1 (local.get $listener) (i32.const 24) (i32.const 4) (i32.const 8)))
    (call $equal (i32.load (i32.const 4)) (i32.const 4))
    (call $equal (i32.load (i32.const 8)) (i32.const 7777))
    ;; 7: in version 2 it has its family, 1, in front
    (call $fine (call $sock_getlocaladdr_v2 (local.get $listener) (i32.const 40) (i32.const 8)))
    (call $equal (i32.load (i32.const 1024)) (i32.const 0x007f0001))
    (call $equal (i32.load (i32.const 8)) (i32.const 7777))
    ;; 10: three connections, accepted in three ways
    (call $connect)
    (call $fine (call $sock_accept_v1 (local.get $listener) (i32.const 0)))
    (call $connect)
    (call $fine (call $sock_accept (local.get $listener) (i32.const 4) (i32.const 0)))
    (call $connect)
    (call $fine (call $sock_accept_v2 (local.get $listener) (i32.const 0) (i32.const 0)))
    (local.set $server (i32.load (i32.const 0)))
    (local.set $client (i32.load (i32.const 12)))
    ;; 19: bytes, received in three ways
    (call $fine (call $sock_send (local.get $client) (i32.const 48) (i32.const 1) (i32.const 0) (i32.const 0)))
    (call $equal (i32.load (i32.const 0)) (i32.const 4))
    (i32.store (i32.const 316) (local.get $server))
    (call $fine (call $epoll_oneoff (i32.const 300) (i32.const 400) (i32.const 1) (i32.const 0)))
    (call $fine (call $poll_oneoff (i32.const 300) (i32.const 400) (i32.const 1) (i32.const 0)))
    (call $equal (i32.load (i32.const 416)) (i32.const 4))
    (call $fine
      (call $sock_recv
        (local.get $server) (i32.const 80) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 4)))
    (call $equal (i32.load16_u (i32.const 128)) (i32.const 0x6f66))
    ;; 26: seven arguments have no port, eight have it behind the flags
    (call $fine
      (call $sock_recv_from_v1
        (local.get $server) (i32.const 80) (i32.const 1) (i32.const 40) (i32.const 0) (i32.const 0) (i32.const 4)))
    (call $equal (i32.load16_u (i32.const 128)) (i32.const 0x6f66))
    (i32.store (i32.const 8) (i32.const -1))
    (call $fine
      (call $sock_recv_from_v2
        (local.get $server) (i32.const 80) (i32.const 1) (i32.const 40) (i32.const 0) (i32.const 8) (i32.const 0)
        (i32.const 4)))
    (call $equal (i32.load16_u (i32.const 128)) (i32.const 0x7275))
    (call $equal (i32.load (i32.const 8)) (i32.const 0))
    ;; 31: a length by pointer, and by value
    (call $fine
      (call $sock_getsockopt (local.get $server) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 96)))
    (call $equal (i32.load (i32.const 0)) (i32.const 2))
    (call $fine
      (call $sock_getsockopt (local.get $server) (i32.const 0) (i32.const 2) (i32.const 0) (i32.const 4)))
    (call $equal (i32.load (i32.const 0)) (i32.const 0)))

  ;; Connect one more socket, and store its descriptor at 12.
  (func $connect
    (call $fine (call $sock_open_v2 (i32.const 1) (i32.const 2) (i32.const 12)))
    (call $fine (call $sock_connect (i32.load (i32.const 12)) (i32.const 24) (i32.const 7777))))
)
