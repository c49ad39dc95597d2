#!/bin/sh
":" /* This file is a script of the shell, which chooses a runtime, and a module, for runtimes that were chosen.
_self=$0
_bin=${_self%/*}
if [ "$_bin" = "$_self" ]; then
  # A shell that was given the name alone has looked for it here, and then on PATH.
  if [ -f "./$_self" ]; then _self=./$_self; else _self=$(command -v -- "$_self") || exit 127; fi
  _bin=${_self%/*}
fi
if [ -h "$_self" ]; then
  # npm puts the package beside the folder of the link, or below it in lib. A link in its place is none of npm's.
  _beside=$_bin/../wasirun/bin _below=$_bin/../lib/node_modules/wasirun/bin
  if [ "$_beside/wasirun.js" -ef "$_self" ] && ! [ -h "$_beside/wasirun.js" ]; then
    _bin=$_beside
  elif [ "$_below/wasirun.js" -ef "$_self" ] && ! [ -h "$_below/wasirun.js" ]; then
    _bin=$_below
  else
    _file=$(readlink -f "$_self") && _bin=${_file%/*}
  fi
fi
# A runtime takes .. away with the name before it, which may be a link.
_root=$(CDPATH= cd -P -- "$_bin/.." && pwd -P) || exit 1
. "$_root/bin/runtime.sh"
exit 1
*/;
import { existsSync } from "node:fs";

const built = new URL("../dist/wasirun.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  // A checkout: its source is TypeScript.
  await import("../src/cli/wasirun.ts").catch((error) => {
    if (error?.code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    const remedy = "use Node 22.18, 23.6 or later, or build the package by npm run build and run npm/bin/wasirun.js";
    console.error(`wasirun: Cannot run the TypeScript of a checkout on Node ${process.versions.node}: ${remedy}`);
    process.exitCode = 1;
  });
}
