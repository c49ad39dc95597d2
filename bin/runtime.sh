# Replaces the shell by wasirun on Deno, Bun or Node. Sourced, with $root as the folder of the package and the
# positional parameters as those of wasirun. Built-in commands only: this is on the way of every start.

# The package as it is installed has a built command; a checkout has its source, and the runtimes of `npm ci`.
if [ -f "$root/dist/wasirun.js" ]; then own=; else own=$root/node_modules/.bin; fi

case ${WASIRUN_RUNTIME-} in
  '')
    for runtime in deno bun node ''; do
      [ -n "$runtime" ] || {
        echo 'wasirun: Cannot find a runtime: install Deno, Bun or Node, or put one on PATH' >&2
        exit 1
      }
      if [ -n "$own" ] && [ -x "$own/$runtime" ]; then break; fi
      if command -v "$runtime" >/dev/null 2>&1; then break; fi
    done
    ;;
  deno | bun | node)
    runtime=$WASIRUN_RUNTIME
    if ! { [ -n "$own" ] && [ -x "$own/$runtime" ]; } && ! command -v "$runtime" >/dev/null 2>&1; then
      echo "wasirun: Cannot find $runtime, which WASIRUN_RUNTIME asks for: put it on PATH, or unset WASIRUN_RUNTIME" >&2
      exit 1
    fi
    ;;
  *)
    echo "wasirun: Cannot use \"$WASIRUN_RUNTIME\" of WASIRUN_RUNTIME: it takes deno, bun or node" >&2
    exit 2
    ;;
esac

executable=$runtime
main=$root/dist/wasirun_$runtime.js
if [ "$runtime" = node ]; then main=$root/dist/wasirun_node.cjs; fi
if [ -n "$own" ]; then
  main=$root/src/cli/wasirun.ts
  if [ -x "$own/$runtime" ]; then executable=$own/$runtime; fi
fi

# Guests recurse deeply: Go's own checks allow for far more than an engine does by default. The engine may use what the
# system grants the main thread, less a margin. V8 counts in KiB, JavaScriptCore in bytes. Node needs no flag, which
# would cost it the code cache of its own modules: it takes the size at run time. WASIRUN_STACK tells the command that
# its process has been seen to.
if ulimit -S -s 66560 2>/dev/null; then
  stack=65536
elif ulimit -S -s 8192 2>/dev/null; then
  stack=7000
else
  stack=
fi

case $runtime in
  deno)
    # The built command needs no configuration, and must not take that of the folder it is run in.
    if [ -z "$own" ]; then set -- --no-config --no-lock "$main" "$@"; else set -- "$main" "$@"; fi
    if [ -n "$stack" ]; then
      export WASIRUN_STACK="$stack"
      exec "$executable" run -A --v8-flags="--stack-size=$stack,--wasm-stack-switching-stack-size=$stack" "$@"
    fi
    exec "$executable" run -A "$@"
    ;;
  bun)
    if [ -n "$stack" ]; then export WASIRUN_STACK="$stack" BUN_JSC_maxPerThreadStackUsage="${stack}000"; fi
    # By default Bun compiles WebAssembly on one processor fewer than there are.
    if [ -z "${BUN_JSC_numberOfWasmCompilerThreads-}" ] && read -r cpus 2>/dev/null </sys/devices/system/cpu/online; then
      cpus=${cpus##*[-,]}
      if [ "$cpus" -lt 8 ]; then export BUN_JSC_numberOfWasmCompilerThreads=$((cpus + 1)); fi
    fi
    exec "$executable" "$main" "$@"
    ;;
  # Behind -- Node does not look for options of its own, such as --env-file.
  node) exec "$executable" -- "$main" "$@" ;;
esac
