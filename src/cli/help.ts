/** The text of `--help`. */

/** What `--help` prints. */
export const HELP = `wasirun - run a WebAssembly module (WASI preview 1) in a sandbox

USAGE
  wasirun [OPTIONS] MODULE [ARGS]...

  MODULE is the path or URL of a .wasm file, or - for standard input. All that
  follows it is handed to the guest. Nothing of this machine is visible to the
  guest but what the options name.

FILES
  --dir HOST[::GUEST][:ro]   Let the guest use the directory HOST, as GUEST;
                             :ro lets it only read. May be given again.
                             --dir .            the working directory, at /
                             --dir /etc:ro      /etc, at /etc, only to be read
                             --dir ./www::/srv  ./www, at /srv
  --cwd DIR                  Working directory of the guest (its PWD).
                             Default: the first --dir.
  --max-open-files N         Files that the guest may have open. Default: 1024.

NETWORK
  --allow-net[=RULE,...]     Let the guest open sockets: all, or as the rules
                             say. May be given again. A rule is
                             [listen:|connect:]HOST[:PORT|:PORT-PORT]; HOST is
                             a name, *.NAME for those beneath it, an address,
                             [IPv6], ADDRESS/BITS or *; or unix:/PATH.
                             --allow-net=connect:api.example.com:443
                             --allow-net=listen:0.0.0.0:8080,localhost
  --listen [NAME=]ADDR       Open a socket that listens at HOST:PORT, :PORT,
                             [IPv6]:PORT or unix:/PATH, for a guest that takes
                             it as descriptor 3, the next as 4, and so on. Its
                             variables LISTEN_FDS and LISTEN_FDNAMES tell how
                             many there are, and their names.
  --dial [NAME=]ADDR         Open one that is connected to ADDR; behind those
                             of --listen. May be given again, as they may.
  --tcplisten ADDR           The same as --listen.
  --dns-server ADDR[:PORT]   Look up names there. Default: as this machine does.
  --sockets NAME             How the guest opens sockets: auto (as its imports
                             say), wasmedgev1, wasmedgev2, path_open or none.

ENVIRONMENT
  --env NAME[=VALUE]         Set a variable, or hand on the one of this process.
  --env-file FILE            Set the variables of a file of lines NAME=VALUE.
  --env-inherit              Hand on all of this process. --env goes before
                             --env-file, and --env-file before --env-inherit.
  --argv0 NAME               Name of the program, as the guest sees it.

RUNNING
  --stack-size SIZE          Stack of the guest, such as 8M. Default 64M, enough
                             for a Go program to recurse some 900,000 deep.
  --platform NAME            posix: by the system's own calls, through the FFI
                             of the runtime; runtime: by the runtime's. Default:
                             posix where the runtime has an FFI and permits it.
  --non-blocking-stdio       Tell the guest that its standard streams are
                             non-blocking.
  --trace                    Print each call that the guest makes of its host,
                             and the answer, on standard error. Paths, arguments
                             and variables are shown, bytes are counted. A call
                             without => did not return.

  -v, --version              Print the version, the runtime and the platform.
  -h, --help                 Print this text.

EXIT STATUS
  The guest's own; 1 if it could not be started, 2 for a mistake in the command
  line, 134 if it trapped, 128 + n if it raised signal n.

EXAMPLES
  wasirun hello.wasm one two
  wasirun --listen :8080 server.wasm
  wasirun --dir . --env HOME=/ app.wasm < input.txt
  curl -s https://example.com/app.wasm | wasirun - --flag-of-the-guest
`;
