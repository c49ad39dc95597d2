/**
 * Test programs that are expected to fail, each with its reason. src/RATIONALE.md and docs/components.md say more.
 *
 * @module
 */

const DIRECTORY_ERRNOS = "reading or seeking a directory is ISDIR, as on Linux; wasmtime says BADF";
const READ_ONLY = "the adapter of preview 1 is replaced, and preview 1 says ROFS for a read-only mount, not PERM";
const IMPLIED_WRITE = "a file that is created has the rights that were requested; the program writes without one";

/** By name of the program. */
const EXPECTED: Readonly<Record<string, string>> = {
  p1_dir_fd_op_failures: DIRECTORY_ERRNOS,
  p1_directory_seek: DIRECTORY_ERRNOS,
  p1_fd_filestat_get: "standard streams have the times of what they are redirected to, not 0",
  p1_file_allocate: "fd_allocate is provided; the program wants NOTSUP",
  p1_file_hardlink_across_perms: READ_ONLY,
  p1_file_rename_across_perms: READ_ONLY,
  p1_file_truncation_readonly: READ_ONLY,
  p1_path_filestat: "FDFLAGS_SYNC is provided; the program wants NOTSUP",
  p1_path_symlink_trailing_slashes:
    "a link at the name of a file with a slash is EXIST, as on Linux; wasmtime says NOTDIR",
  p1_poll_oneoff_files: "a descriptor that is not open is an event with an error; the program wants the call to fail",
  "p2_cli_hostcall_fuel:write-stream-buffer-too-large": IMPLIED_WRITE,
  "p2_cli_hostcall_fuel:write-zeroes": IMPLIED_WRITE,
  "p2_cli_hostcall_fuel:write-zeroes-buffer-too-large": IMPLIED_WRITE,
  p2_cli_no_ip_name_lookup: "a name that no rule allows is refused with access-denied, not permanent-resolver-failure",
  p2_stream_pollable_traps: "streams and their pollables may be dropped in any order",
  p2_cli_stdout_epipe: "a broken pipe of standard output ends a guest of the command",
};

const OPTIONS = "the runtime's API can't set hop-limit, buffer sizes or the numbers of keep-alive";
const MILLISECONDS = "the runtime's API sets no times to the nanosecond";

/** On the runtimes' own API. */
const EXPECTED_ON_RUNTIME: Readonly<Record<string, string>> = {
  p2_tcp_sockopts: OPTIONS,
  p2_tcp_states: OPTIONS,
  p2_tcp_streams: OPTIONS,
};

/** On Deno's own API. */
const EXPECTED_ON_DENO: Readonly<Record<string, string>> = {
  p1_fd_filestat_set: MILLISECONDS,
  p1_symlink_filestat: MILLISECONDS,
  p2_udp_send_to_closed_receiver: "Deno reports no refusal of a datagram",
  p2_udp_states: OPTIONS,
};

/** Why a program is expected to fail; undefined where it must pass. @param platform As the command has it. */
export function expectedFailure(name: string, runtime: string, platform: string | undefined): string | undefined {
  if (EXPECTED[name] !== undefined || platform !== "runtime") return EXPECTED[name];
  return EXPECTED_ON_RUNTIME[name] ?? (runtime === "deno" ? EXPECTED_ON_DENO[name] : undefined);
}
