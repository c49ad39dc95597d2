/** The text of `wasirun serve --help`. */

/** What `wasirun serve --help` prints. */
export const SERVE_HELP = `wasirun serve - serve HTTP by a WebAssembly module or component

USAGE
  wasirun serve [OPTIONS] MODULE [ARGS]...

  MODULE is a component that exports wasi:http/incoming-handler, of which each
  request gets an instance, or a module that serves HTTP on a socket: on a
  network in memory, so that it takes no port of this machine. A module of
  stock Go needs --listen 127.0.0.1:80 for its listener there.

OPTIONS
  --addr HOST:PORT           Serve there; port 0 takes a free one. Default:
                             127.0.0.1:8080.
  --unix PATH                Serve at a unix socket instead.
  --log                      Print a line for each request on standard error.
  --request-timeout SECONDS  Time until a response is complete: then it is 504,
                             or is broken off. Default: no limit.
  --max-body SIZE            Refuse requests with larger bodies, such as 10M.
                             Default: no limit.
  --instances N              Instances of a component at a time, or connections
                             to a module; further requests wait. Default: 512.
  --reuse N                  Requests that an instance of a component serves,
                             one at a time, before it is replaced. Default: 1.

  All options of wasirun apply as well (wasirun --help): --dir, --env,
  --allow-net for what a component requests itself, and others.

  SIGINT and SIGTERM end it once the requests in progress are answered, at most
  10 seconds later; a second signal ends it at once.
`;
