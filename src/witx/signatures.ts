/**
 * The functions of `wasi_snapshot_preview1`: their parameters and results, by witx name.
 *
 * The host makes from this table what each function has in common: the check of an import's type, the coercion of
 * arguments, the check of pointers to results, and the trace.
 *
 * Source: wasi_snapshot_preview1.witx (WebAssembly/WASI@1ad15f3).
 *
 * @module
 */

import { noReturn, type Signature, signature } from "./signature.ts";

/** Every function of the module, 46 of them, in the order of the specification. */
export const SIGNATURES: Readonly<Record<string, Signature>> = {
  args_get: signature("argv:args argv_buf:strings"),
  args_sizes_get: signature("", "argc:size argv_buf_size:bytes"),
  environ_get: signature("environ environ_buf:strings"),
  environ_sizes_get: signature("", "environc:size environ_buf_size:bytes"),
  clock_res_get: signature("id:clockid", "resolution:timestamp"),
  clock_time_get: signature("id:clockid precision", "time:timestamp"),
  fd_advise: signature("fd offset:filesize len:filesize advice"),
  fd_allocate: signature("fd offset:filesize len:filesize"),
  fd_close: signature("fd"),
  fd_datasync: signature("fd"),
  fd_fdstat_get: signature("fd", "stat:fdstat"),
  fd_fdstat_set_flags: signature("fd flags:fdflags"),
  fd_fdstat_set_rights: signature("fd fs_rights_base:rights fs_rights_inheriting:rights"),
  fd_filestat_get: signature("fd", "filestat"),
  fd_filestat_set_size: signature("fd size:filesize"),
  fd_filestat_set_times: signature("fd atim:timestamp mtim:timestamp fst_flags:fstflags"),
  fd_pread: signature("fd iovs:iovecs offset:filesize", "nread:size"),
  fd_prestat_get: signature("fd", "prestat"),
  fd_prestat_dir_name: signature("fd path:prestat_name"),
  fd_pwrite: signature("fd iovs:iovecs offset:filesize", "nwritten:size"),
  fd_read: signature("fd iovs:iovecs", "nread:size"),
  fd_readdir: signature("fd buf:buffer cookie:dircookie", "bufused:size"),
  fd_renumber: signature("fd to:fd"),
  fd_seek: signature("fd offset:filedelta whence", "newoffset:filesize"),
  fd_sync: signature("fd"),
  fd_tell: signature("fd", "offset:filesize"),
  fd_write: signature("fd iovs:iovecs", "nwritten:size"),
  path_create_directory: signature("fd path:string"),
  path_filestat_get: signature("fd flags:lookupflags path:string", "filestat"),
  path_filestat_set_times: signature(
    "fd flags:lookupflags path:string atim:timestamp mtim:timestamp fst_flags:fstflags",
  ),
  path_link: signature("old_fd:fd old_flags:lookupflags old_path:string new_fd:fd new_path:string"),
  path_open: signature(
    "fd dirflags:lookupflags path:string oflags fs_rights_base:rights fs_rights_inheriting:rights fdflags",
    "fd",
  ),
  path_readlink: signature("fd path:string buf:text", "bufused:count"),
  path_remove_directory: signature("fd path:string"),
  path_rename: signature("fd old_path:string new_fd:fd new_path:string"),
  path_symlink: signature("old_path:string fd new_path:string"),
  path_unlink_file: signature("fd path:string"),
  poll_oneoff: signature("in:subscriptions out:events nsubscriptions:count", "nevents:count"),
  proc_exit: noReturn("rval:exitcode"),
  proc_raise: signature("sig:signal"),
  sched_yield: signature(""),
  random_get: signature("buf:buffer"),
  sock_accept: signature("fd flags:fdflags", "fd"),
  sock_recv: signature("fd ri_data:iovecs ri_flags:riflags", "ro_datalen:size ro_flags:roflags"),
  sock_send: signature("fd si_data:iovecs si_flags:siflags", "so_datalen:size"),
  sock_shutdown: signature("fd how:sdflags"),
};
