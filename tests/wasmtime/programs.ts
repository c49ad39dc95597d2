/**
 * What wasmtime's own tests give to its test programs, and expect of them.
 *
 * @module
 */

/** How one program is run. All others get the scratch directory, its name as argument, and must end with 0. */
export interface Program {
  /** Arguments. Default: `/`. */
  readonly args?: readonly string[];
  /** Options of the command in place of the scratch directory and the network. */
  readonly flags?: readonly string[];
  /** Files that are there before; a name that ends with `/` is a directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the program calls a preopen, and a name as long by which it is mounted: an absolute one. */
  readonly renamed?: readonly [relative: string, absolute: string];
  /** Contents of standard input. */
  readonly stdin?: string;
  /** A shell script in which `"$@"` is the command line. */
  readonly script?: string;
  /** The exit status. Default: 0. */
  readonly status?: number;
  /** What standard output must be. */
  readonly stdout?: string;
  /** What standard error must contain. */
  readonly stderr?: string;
  /** Contents of files afterwards. */
  readonly after?: Readonly<Record<string, string>>;
  /** Why it can't be run; it is left out. */
  readonly left?: string;
}

/** The exit status after a trap. */
const TRAP = 134;
const AT_ROOT: readonly string[] = ["--dir", ".::/"];
const VERSE = "So rested he by the Tumtum tree";
const FIRST_LINE = "'Twas brillig, and the slithy toves.\n";
const APPENDED = "Did gyre and gimble in the wabe;\nAll mimsy were the borogoves,\nAnd the mome raths outgrabe.\n";
const LONG_OUTPUT = 1 << 18;

const HTTP = "it needs wasi:http";
const EMBEDDER = "it needs an embedder with interfaces or clocks of its own";
const LIMIT = "it tests a limit that only wasmtime has";

const READ_ONLY: Program = {
  flags: ["--dir", ".", "--dir", "readonly::/eadonly:ro"],
  renamed: ["readonly", "/eadonly"],
  files: { "readonly/": "", "readonly/test.txt": "read only test file\n" },
  after: { "readonly/test.txt": "read only test file\n" },
};

const APPEND: Program = {
  flags: AT_ROOT,
  files: { "bar.txt": FIRST_LINE },
  after: { "bar.txt": FIRST_LINE + APPENDED },
};

function muchOutput(bits: number): Program {
  const text = "a".repeat(1 << bits);
  return { args: [text, String(LONG_OUTPUT >> bits)], stdout: "a".repeat(LONG_OUTPUT) };
}

/** By name of the program, or of the program, a colon and a variant. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  "p1_cli_hostcall_fuel": { left: LIMIT },
  "p1_cli_much_stdout": muchOutput(10),
  "p1_file_hardlink_across_perms": READ_ONLY,
  "p1_file_rename_across_perms": READ_ONLY,
  "p1_file_truncation_readonly": READ_ONLY,
  "p1_stat_extreme_host_mtime": { files: { "extreme.dat": "hello" } },
  "p1_stdio_isatty": { left: "it needs a terminal" },
  "p2_api_proxy": { left: HTTP },
  "p2_api_proxy_forward_request": { left: HTTP },
  "p2_api_proxy_streaming": { left: HTTP },
  "p2_api_reactor": { left: EMBEDDER },
  "p2_api_read_only": {
    flags: ["--dir", ".::/:ro"],
    files: { "bar.txt": "And stood awhile in thought", "sub/": "" },
  },
  "p2_api_time": { left: EMBEDDER },
  "p2_cli_args": { args: ["hello", "this", "", "is an argument", "with 🚩 emoji"] },
  "p2_cli_argv0": { flags: ["--argv0=b"], args: ["b"] },
  "p2_cli_directory_list": {
    flags: AT_ROOT,
    files: { "foo.txt": "", "bar.txt": "", "baz.txt": "", "sub/": "", "sub/wow.txt": "", "sub/yay.txt": "" },
  },
  "p2_cli_env": { flags: ["--env=frabjous=day", "--env=callooh=callay"] },
  "p2_cli_exit_failure": { status: 1 },
  "p2_cli_exit_panic": { status: TRAP, stderr: "Curiouser and curiouser!" },
  "p2_cli_exit_with_code": { status: 42 },
  "p2_cli_file_append": APPEND,
  "p2_cli_file_dir_sync": { flags: AT_ROOT, files: { "bar.txt": FIRST_LINE } },
  "p2_cli_file_read": { flags: AT_ROOT, files: { "bar.txt": "And stood awhile in thought" } },
  "p2_cli_hostcall_fuel": { left: LIMIT },
  "p2_cli_hostcall_fuel:read": { flags: AT_ROOT, args: ["read"], files: { "1mb": "\0".repeat(1 << 20) } },
  "p2_cli_hostcall_fuel:read-file-big": {
    flags: AT_ROOT,
    args: ["read-file-big"],
    files: { "1mb": "\0".repeat(1 << 20) },
  },
  "p2_cli_hostcall_fuel:read-tcp-big": { flags: ["--allow-net"], args: ["read-tcp-big"] },

  "p2_cli_hostcall_fuel:write-stream-buffer-too-large": {
    flags: AT_ROOT,
    args: ["write-stream-buffer-too-large"],
    status: TRAP,
    stderr: "The guest trapped: cannot write",
  },
  "p2_cli_hostcall_fuel:write-zeroes": {
    flags: AT_ROOT,
    args: ["write-zeroes"],
    status: TRAP,
    stderr: "The guest trapped: cannot write",
  },
  "p2_cli_hostcall_fuel:write-zeroes-buffer-too-large": {
    flags: AT_ROOT,
    args: ["write-zeroes-buffer-too-large"],
    status: TRAP,
    stderr: "The guest trapped: cannot write",
  },
  "p2_cli_http_headers": { left: HTTP },
  "p2_cli_initial_cwd": { flags: ["--cwd=/sandbox", "--dir", ".::/sandbox"] },
  "p2_cli_invoke_async": { left: EMBEDDER },
  "p2_cli_large_env": {
    flags: Array.from({ length: 512 }, (_, index) => `--env=KEY${index}=${"x".repeat(1024)}`),
  },
  "p2_cli_many_resources": { left: LIMIT },
  "p2_cli_max_resources": { left: LIMIT },
  "p2_cli_much_stdout:10": muchOutput(10),
  "p2_cli_much_stdout:14": muchOutput(14),
  "p2_cli_much_stdout": { left: "it is run with arguments" },
  "p2_cli_multiple_preopens": { flags: ["--dir=/::/a", "--dir=/::/b", "--dir=/::/c"] },
  "p2_cli_no_ip_name_lookup": { flags: [] },
  "p2_cli_no_tcp": { flags: [] },
  "p2_cli_no_udp": { flags: [] },
  "p2_cli_sleep_forever": { left: "it has no end" },
  "p2_cli_splice_stdin": {
    stdin: VERSE,
    stdout: `before splice\n${VERSE}\ncompleted splicing ${VERSE.length} bytes\n`,
  },
  "p2_cli_stdin": { stdin: VERSE },
  "p2_cli_stdin_eisdir": { script: '"$@" < .', stderr: "got expected ErrorCode::IsDirectory" },
  "p2_cli_stdin_empty": { stdin: "not to be read" },
  "p2_cli_stdio_write_flushes": {
    script: '(sleep 2; echo late >&2) | "$@" | head -c 2',
    stdout: "> ",
  },
  "p2_cli_stdout_epipe": {
    script: '{ "$@"; echo "status $?" >&2; } | head -c 64 > first',
    stderr: "got expected StreamError::Closed\nstatus 0",
  },
  "p2_file_hardlink_across_perms": READ_ONLY,
  "p2_file_rename_across_perms": READ_ONLY,
  "p2_file_stream_not_permitted": {
    ...READ_ONLY,
    files: { "readonly/": "", "readonly/stream-perms.txt": "stream permission test\n" },
    after: { "readonly/stream-perms.txt": "stream permission test\n" },
  },
  "p2_file_truncation_readonly": READ_ONLY,
  "p2_pollable_traps": { status: TRAP, stderr: "The guest trapped: empty poll list" },
  "p2_stream_pollable_traps": { status: TRAP, stderr: "The guest trapped: resource has children" },
  "p2_tls_sample_application": { left: "it needs wasi:tls" },
  "p2_udp_send_too_much": { status: TRAP, stderr: "The guest trapped: datagrams sent without a permit" },
};

/** Programs that are left out by the start of their name. */
const LEFT_OUT: readonly (readonly [start: string, reason: string])[] = [
  ["p2_http_", HTTP],
  ["p2_cli_serve_", HTTP],
];

/** Why a program is left out; undefined if it is run. */
export function leftOut(name: string): string | undefined {
  return PROGRAMS[name]?.left ?? LEFT_OUT.find(([start]) => name.startsWith(start))?.[1];
}
