;; A guest of the snapshot before preview 1, whose imports come from "wasi_unstable". Three layouts differ there:
;;   whence:       CUR 0, END 1, SET 2
;;   filestat:     56 bytes, with nlink a u32 at 20, size at 24, atim at 32
;;   subscription: 56 bytes, with an identifier of the clock at 16, its id at 24, timeout at 32, flags at 48
;;
;; It makes the file "unstable.txt" in the first preopen (descriptor 3). It prints "ok"; or ends with the number of
;; the first check that failed.
(module
  (import "wasi_unstable" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_unstable" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "path_unlink_file" (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)

  (data (i32.const 0) "unstable.txt")
  (data (i32.const 16) "0123456789")
  (data (i32.const 32) "ok\n")
  ;; iovecs: at 40 the ten digits, at 48 "ok\n", at 56 ten bytes at 100
  (data (i32.const 40) "\10\00\00\00\0a\00\00\00" "\20\00\00\00\03\00\00\00" "\64\00\00\00\0a\00\00\00")

  (global $fd (mut i32) (i32.const -1))

  (func $check (param $number i32) (param $holds i32)
    (if (i32.eqz (local.get $holds)) (then (call $proc_exit (local.get $number)))))
  ;; Checks $number: the errno is SUCCESS.
  (func $succeeds (param $number i32) (param $errno i32)
    (call $check (local.get $number) (i32.eqz (local.get $errno))))
  ;; Seeks, and checks the new offset.
  (func $seeks_to (param $number i32) (param $offset i64) (param $whence i32) (param $expected i64)
    (call $succeeds (local.get $number)
      (call $fd_seek (global.get $fd) (local.get $offset) (local.get $whence) (i32.const 72)))
    (call $check (local.get $number) (i64.eq (i64.load (i32.const 72)) (local.get $expected))))
  ;; Puts marks around the 56 bytes at 208, of which what the call must not touch is checked afterwards.
  (func $mark
    (i64.store (i32.const 200) (i64.const -1))
    (i64.store (i32.const 264) (i64.const -1)))
  (func $check_filestat (param $number i32)
    (call $check (local.get $number) (i64.eq (i64.load (i32.const 200)) (i64.const -1)))
    (call $check (local.get $number) (i64.eq (i64.load (i32.const 264)) (i64.const -1)))
    (call $check (local.get $number) (i32.eq (i32.load8_u offset=16 (i32.const 208)) (i32.const 4)))
    (call $check (local.get $number) (i32.eq (i32.load offset=20 (i32.const 208)) (i32.const 1)))
    (call $check (local.get $number) (i64.eq (i64.load offset=24 (i32.const 208)) (i64.const 10)))
    ;; modified since 2001
    (call $check (local.get $number)
      (i64.gt_u (i64.load offset=40 (i32.const 208)) (i64.const 1000000000000000000))))

  (func $open_and_write
    ;; CREAT and TRUNC; rights to read, seek, tell, write, and filestat_get
    (call $succeeds (i32.const 1)
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 12) (i32.const 9)
        (i64.const 0x200066) (i64.const 0) (i32.const 0) (i32.const 64)))
    (global.set $fd (i32.load (i32.const 64)))
    (call $succeeds (i32.const 2) (call $fd_write (global.get $fd) (i32.const 40) (i32.const 1) (i32.const 72)))
    (call $check (i32.const 2) (i32.eq (i32.load (i32.const 72)) (i32.const 10))))
  (func $seek
    (call $seeks_to (i32.const 3) (i64.const 7) (i32.const 2) (i64.const 7))
    (call $seeks_to (i32.const 4) (i64.const -5) (i32.const 1) (i64.const 5))
    (call $seeks_to (i32.const 5) (i64.const -2) (i32.const 0) (i64.const 3))
    (call $succeeds (i32.const 6) (call $fd_read (global.get $fd) (i32.const 56) (i32.const 1) (i32.const 72)))
    (call $check (i32.const 6) (i32.eq (i32.load (i32.const 72)) (i32.const 7)))
    (call $check (i32.const 6) (i32.eq (i32.load8_u (i32.const 100)) (i32.const 0x33))))
  (func $filestat
    (call $mark)
    (call $succeeds (i32.const 7) (call $fd_filestat_get (global.get $fd) (i32.const 208)))
    (call $check_filestat (i32.const 8))
    (call $mark)
    (call $succeeds (i32.const 9)
      (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 12) (i32.const 208)))
    (call $check_filestat (i32.const 10)))
  (func $poll
    ;; two clocks of 56 bytes each: monotonic, relative; the second is due in 1 ms, the first in an hour
    (i64.store (i32.const 400) (i64.const 11))
    (i32.store (i32.const 424) (i32.const 1))
    (i64.store (i32.const 432) (i64.const 3600000000000))
    (i64.store (i32.const 456) (i64.const 22))
    (i32.store (i32.const 480) (i32.const 1))
    (i64.store (i32.const 488) (i64.const 1000000))
    (call $succeeds (i32.const 11) (call $poll_oneoff (i32.const 400) (i32.const 600) (i32.const 2) (i32.const 72)))
    (call $check (i32.const 12) (i32.eq (i32.load (i32.const 72)) (i32.const 1)))
    (call $check (i32.const 13) (i64.eq (i64.load (i32.const 600)) (i64.const 22))))

  (func $main (export "_start")
    (call $open_and_write)
    (call $seek)
    (call $filestat)
    (call $poll)
    (call $succeeds (i32.const 14) (call $fd_close (global.get $fd)))
    (call $succeeds (i32.const 15) (call $path_unlink_file (i32.const 3) (i32.const 0) (i32.const 12)))
    (call $succeeds (i32.const 16) (call $fd_write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 72)))))
