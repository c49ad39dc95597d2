# Replaces the shell by wasirun on Deno, Bun or Node. Sourced, with $_root as the folder of the package and the
# positional parameters as those of wasirun. Built-in commands only: this is on the way of every start.
#
# Names of variables begin with _: one that the user has exported would reach the guest with the value that it gets here.

# The package as it is installed has a built command; a checkout has its source, and the runtimes of `npm ci`.
if [ -f "$_root/dist/wasirun.js" ]; then _own=; else _own=$_root/node_modules/.bin; fi
if [ -n "$_own" ] && ! [ -d "$_root/node_modules/arg" ]; then
  echo 'wasirun: Cannot run a checkout whose packages are missing: run npm ci in it' >&2
  exit 1
fi

case ${WASIRUN_RUNTIME-} in
  '')
    for _runtime in deno bun node ''; do
      [ -n "$_runtime" ] || {
        echo 'wasirun: Cannot find a runtime: install Deno, Bun or Node, or put one on PATH' >&2
        exit 1
      }
      if [ -n "$_own" ] && [ -x "$_own/$_runtime" ]; then break; fi
      if command -v "$_runtime" >/dev/null 2>&1; then break; fi
    done
    ;;
  deno | bun | node)
    _runtime=$WASIRUN_RUNTIME
    if ! { [ -n "$_own" ] && [ -x "$_own/$_runtime" ]; } && ! command -v "$_runtime" >/dev/null 2>&1; then
      echo "wasirun: Cannot find $_runtime, which WASIRUN_RUNTIME asks for: put it on PATH, or unset WASIRUN_RUNTIME" >&2
      exit 1
    fi
    ;;
  *)
    echo "wasirun: Cannot use \"$WASIRUN_RUNTIME\" of WASIRUN_RUNTIME: it takes deno, bun or node" >&2
    exit 2
    ;;
esac

_executable=$_runtime
_main=dist/wasirun_$_runtime.cjs
if [ "$_runtime" = deno ]; then _main=dist/wasirun_deno.js; fi
if [ -n "$_own" ]; then
  _main=src/cli/wasirun.ts
  if [ -x "$_own/$_runtime" ]; then _executable=$_own/$_runtime; fi
fi

# Guests recurse deeply: Go's own checks allow for far more than an engine does by default. The engine may use what the
# system grants the main thread, less a margin. V8 counts in KiB, JavaScriptCore in bytes. Node needs no flag, which
# would cost it the code cache of its own modules: it takes the size at run time. WASIRUN_STACK tells the command that
# its process has been seen to.
if ulimit -S -s 66560 2>/dev/null; then
  _stack=65536
elif ulimit -S -s 8192 2>/dev/null; then
  _stack=7000
else
  _stack=
  unset WASIRUN_STACK
fi
unset WASIRUN_CWD WASIRUN_STRINGS

# The folder that the command is run in may hold what a guest wrote, or what came with an archive: no runtime may take
# its configuration, variables or modules from there.
case $_runtime in
  deno)
    # The built command needs no configuration; a checkout has its own.
    if [ -n "$_own" ]; then _config=--config=$_root/deno.json; else _config=--no-config; fi
    set -- "$_config" --no-lock "$_root/$_main" "$@"
    if [ -n "$_stack" ]; then
      export WASIRUN_STACK="$_stack"
      exec "$_executable" run -A --v8-flags="--stack-size=$_stack,--wasm-stack-switching-stack-size=$_stack" "$@"
    fi
    exec "$_executable" run -A "$@"
    ;;
  bun)
    if [ -n "$_stack" ]; then export WASIRUN_STACK="$_stack" BUN_JSC_maxPerThreadStackUsage="${_stack}000"; fi
    # By default Bun compiles WebAssembly on one processor fewer than there are.
    if [ -z "${BUN_JSC_numberOfWasmCompilerThreads-}" ] && read -r _cpus 2>/dev/null </sys/devices/system/cpu/online; then
      _cpus=${_cpus##*[-,]}
      if [ "$_cpus" -lt 8 ]; then export BUN_JSC_numberOfWasmCompilerThreads=$((_cpus + 1)); fi
    fi
    # An instance for each request makes a memory for each request, which is slow if each is 4 GiB of addresses.
    if [ "${1-}" = serve ]; then export BUN_JSC_useWasmFastMemory="${BUN_JSC_useWasmFastMemory-0}"; fi
    # Bun looks for tsconfig.json and package.json in its working directory too, where the former decides which file an
    # import is. So it starts in the folder of the package, from which the command goes back to WASIRUN_CWD.
    case :$PATH: in
      *::* | *:[!/]*) _executable=$(command -v "$_executable") ;;
    esac
    case $_executable in
      /*) ;;
      */*) _executable=$PWD/$_executable ;;
    esac
    export WASIRUN_CWD="$PWD"
    # Until Bun has started, another process may put a link in the place of the folder; and a name that is not UTF-8
    # can't be told. So a descriptor holds it: WASIRUN_CWD is its number, a colon and the name.
    if [ -n "$PWD" ] && [ -r . ] && [ -d /dev/fd ]; then
      for _held in 9 8 7 6 5 4 3 ''; do
        if ! [ -e "/dev/fd/$_held" ]; then break; fi
      done
      if [ -n "$_held" ] && eval "exec $_held<."; then
        WASIRUN_CWD=$_held:$PWD
        case $PWD in *[!\ -~]*) if [ -d /proc/self/fd ]; then WASIRUN_CWD=$_held:; fi ;; esac
      fi
    fi
    _here=$PWD _old=${OLDPWD-}
    CDPATH= cd -P -- "$_root" || exit 1
    PWD=$_here OLDPWD=$_old
    if [ -z "$_old" ]; then unset OLDPWD; fi
    # Bun drops a -- that follows the file: not the one of the user.
    exec "$_executable" --config=/dev/null --tsconfig-override=/dev/null --no-env-file --no-install "./$_main" -- "$@"
    ;;
  node)
    # A checkout's source is TypeScript. The Node of `npm ci` runs that; of another one it is asked.
    if [ -n "$_own" ] && [ "$_executable" = node ]; then
      _version=$(node --version)
      case $_version in
        v[0-9].* | v1[0-9].* | v2[01].* | v22.[0-9].* | v22.1[0-7].* | v23.[0-5].*)
          _remedy='use Node 22.18, 23.6 or later, or run npm ci, which brings one'
          echo "wasirun: Cannot run the TypeScript of a checkout on Node $_version: $_remedy" >&2
          exit 1
          ;;
      esac
    fi
    # Behind -- Node does not look for options of its own, such as --env-file.
    exec "$_executable" -- "$_root/$_main" "$@"
    ;;
esac
