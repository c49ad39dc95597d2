/** The text of `--help`. */

/** What `--help` prints. */
export const HELP = `wasirun - run a WebAssembly module or component in a sandbox

USAGE
  wasirun [OPTIONS] MODULE [ARGS]...
  wasirun serve [--addr HOST:PORT] [OPTIONS] MODULE [ARGS]...
  wasirun types [-o FILE] MODULE

  MODULE is the path or URL of a .wasm file, or - for standard input. Everything
  after it is passed to the guest. The guest has access to nothing on this
  machine except what the options grant. serve passes requests of HTTP to it:
  see wasirun serve --help. types prints TypeScript declarations of what a
  module or component imports and exports.

FILES
  --dir HOST[::GUEST][:ro]   Mount the directory HOST at GUEST, read-only with
                             :ro. Default GUEST: HOST, with relative paths
                             starting at /. Repeatable.
                             --dir .            the working directory, at /
                             --dir /etc:ro      /etc at /etc, read-only
                             --dir ./www::/srv  ./www at /srv
  --cwd DIR                  Working directory of the guest (its PWD).
                             Default: the first --dir.
  --max-open-files N         Limit on open descriptors. Default: 1024.

NETWORK
  --allow-net[=RULE,...]     Let the guest open sockets: any, or those that a
                             rule allows. Repeatable. A rule is
                             [listen:|connect:]HOST[:PORT|:PORT-PORT], where
                             HOST is a name, *.NAME for its subdomains, an
                             address, [IPv6], ADDRESS/BITS or *; or unix:/PATH.
                             --allow-net=connect:api.example.com:443
                             --allow-net=listen:0.0.0.0:8080,localhost
  --listen [NAME=]ADDR       Open a listening socket at HOST:PORT, :PORT,
                             [IPv6]:PORT or unix:/PATH. The guest gets the first
                             as descriptor 3, the next as 4, and so on; their
                             count and names are in its variables LISTEN_FDS and
                             LISTEN_FDNAMES. Repeatable.
  --dial [NAME=]ADDR         Open a connection to ADDR; its descriptor follows
                             those of --listen. Repeatable.
  --tcplisten ADDR           Alias of --listen.
  --dns-server ADDR[:PORT]   Look up names there. Default: the system resolver.
  --sockets NAME             Socket functions to provide: auto (what the guest
                             imports), wasmedgev1, wasmedgev2, path_open, none.
  --patch-go-signals=false   Do not patch Go modules whose wait for signals
                             would starve their sockets.

ENVIRONMENT
  --env NAME[=VALUE]         Set a variable, or pass on that of this process.
                             Repeatable.
  --env-file FILE            Set the variables in FILE, lines of NAME=VALUE.
                             Repeatable.
  --env-inherit              Pass on all variables of this process. --env
                             overrides --env-file, which overrides this.
  --argv0 NAME               Name of the program as the guest sees it.

RUNNING
  --stack-size SIZE          Stack of the guest, such as 8M. Default: 64M, which
                             lets a Go program recurse about 900,000 deep.
  --max-memory SIZE          Refuse a module that declares more initial memory;
                             it may grow later. Default: 4G.
  --max-table-elements N     Refuse a module that declares larger initial
                             tables. Default: 1000000.
  --platform NAME            posix: system calls through the runtime's FFI;
                             runtime: the runtime's own API. Default: posix
                             where the runtime has an FFI and permits it.
  --non-blocking-stdio       Report the standard streams as non-blocking.
  --invoke CALL              Call an exported function and print its result.
                             Values are written as in WAVE; arguments may also
                             follow the module.
                             --invoke 'add(1, 2)'
                             --invoke 'my:pkg/api#greet("you")'
  --trace                    Print each call of the guest to the host, with its
                             result, on standard error. Paths, arguments and
                             variables are shown, data only as a byte count.
                             A call without => did not return.

  Options without a value also accept =true and =false.

  -v, --version              Print the version, the runtime and the platform.
  -h, --help                 Print this text.

VARIABLES OF THE COMMAND
  WASIRUN_RUNTIME            Runtime to use: deno, bun or node. Default: the
                             first of them that is installed. Applies to the
                             installed wasirun and go_wasip1_wasm_exec.
  GOWASIRUNTIMEARGS          Further options for programs that go run and
                             go test start with go_wasip1_wasm_exec, separated
                             by spaces; quotes and \\ work as in a shell.
                             GOWASIRUNTIMEARGS='--trace --env "GREETING=hi ho"'

EXIT STATUS
  The guest's own; 1 if it could not be started, 2 for an error in the command
  line, 134 if it trapped, 141 if nobody reads its output any more, 128 + n if
  it raised signal n.

EXAMPLES
  wasirun hello.wasm one two
  wasirun --listen :8080 server.wasm
  wasirun --dir . --env HOME=/ app.wasm < input.txt
  curl -s https://example.com/app.wasm | wasirun - --flag-of-the-guest
`;
