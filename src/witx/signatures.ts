/**
 * The functions of `wasi_snapshot_preview1`: their parameters and results, by witx name.
 *
 * The core type of each parameter is `i64` where its witx type is `filesize`, `timestamp`, `filedelta`,
 * `dircookie` or `rights`, and `i32` otherwise. `result.*` parameters are pointers to where a result is stored.
 *
 * Source: wasi_snapshot_preview1.witx (WebAssembly/WASI@1ad15f3).
 *
 * @module
 */

/** One parameter: its witx name and its type in core WebAssembly. */
export type Parameter = readonly [name: string, type: "i32" | "i64"];

/** One function: parameters in order, and whether it answers an errno (all do but `proc_exit`). */
export interface Signature {
  /** The parameters in order. */
  readonly params: readonly Parameter[];
  /** The core results: one errno, or none. */
  readonly results: readonly ["i32"] | readonly [];
}

const WIDE: Record<string, true> = {
  offset: true,
  len64: true,
  size: true,
  atim: true,
  mtim: true,
  cookie: true,
  precision: true,
  fs_rights_base: true,
  fs_rights_inheriting: true,
};

function signature(names: string): Signature {
  const params = names.split(" ").filter((name) => name !== "").map((name): Parameter => [
    name === "len64" ? "len" : name,
    WIDE[name] === true ? "i64" : "i32",
  ]);
  return { params, results: ["i32"] };
}

/** Every function of the module, 46 of them, in the order of the specification. */
export const SIGNATURES: Readonly<Record<string, Signature>> = {
  args_get: signature("argv argv_buf"),
  args_sizes_get: signature("result.argc result.argv_buf_size"),
  environ_get: signature("environ environ_buf"),
  environ_sizes_get: signature("result.environc result.environ_buf_size"),
  clock_res_get: signature("id result.resolution"),
  clock_time_get: signature("id precision result.time"),
  fd_advise: signature("fd offset len64 advice"),
  fd_allocate: signature("fd offset len64"),
  fd_close: signature("fd"),
  fd_datasync: signature("fd"),
  fd_fdstat_get: signature("fd result.stat"),
  fd_fdstat_set_flags: signature("fd flags"),
  fd_fdstat_set_rights: signature("fd fs_rights_base fs_rights_inheriting"),
  fd_filestat_get: signature("fd result.filestat"),
  fd_filestat_set_size: signature("fd size"),
  fd_filestat_set_times: signature("fd atim mtim fst_flags"),
  fd_pread: signature("fd iovs iovs_len offset result.nread"),
  fd_prestat_get: signature("fd result.prestat"),
  fd_prestat_dir_name: signature("fd path path_len"),
  fd_pwrite: signature("fd iovs iovs_len offset result.nwritten"),
  fd_read: signature("fd iovs iovs_len result.nread"),
  fd_readdir: signature("fd buf buf_len cookie result.bufused"),
  fd_renumber: signature("fd to"),
  fd_seek: signature("fd offset whence result.newoffset"),
  fd_sync: signature("fd"),
  fd_tell: signature("fd result.offset"),
  fd_write: signature("fd iovs iovs_len result.nwritten"),
  path_create_directory: signature("fd path path_len"),
  path_filestat_get: signature("fd flags path path_len result.filestat"),
  path_filestat_set_times: signature("fd flags path path_len atim mtim fst_flags"),
  path_link: signature("old_fd old_flags old_path old_path_len new_fd new_path new_path_len"),
  path_open: signature(
    "fd dirflags path path_len oflags fs_rights_base fs_rights_inheriting fdflags result.fd",
  ),
  path_readlink: signature("fd path path_len buf buf_len result.bufused"),
  path_remove_directory: signature("fd path path_len"),
  path_rename: signature("fd old_path old_path_len new_fd new_path new_path_len"),
  path_symlink: signature("old_path old_path_len fd new_path new_path_len"),
  path_unlink_file: signature("fd path path_len"),
  poll_oneoff: signature("in out nsubscriptions result.nevents"),
  proc_exit: { params: [["rval", "i32"]], results: [] },
  proc_raise: signature("sig"),
  sched_yield: signature(""),
  random_get: signature("buf buf_len"),
  sock_accept: signature("fd flags result.fd"),
  sock_recv: signature("fd ri_data ri_data_len ri_flags result.ro_datalen result.ro_flags"),
  sock_send: signature("fd si_data si_data_len si_flags result.so_datalen"),
  sock_shutdown: signature("fd how"),
};
