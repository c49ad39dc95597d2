#!/bin/sh
":" /* This file is a script of the shell, which chooses a runtime, and a module, for runtimes that were chosen.
bin=${0%/*}
if [ "$bin" = "$0" ]; then bin=.; fi
if [ -h "$0" ]; then
  if [ "$bin/../wasirun/bin/wasirun.js" -ef "$0" ]; then
    bin=$bin/../wasirun/bin
  elif [ "$bin/../lib/node_modules/wasirun/bin/wasirun.js" -ef "$0" ]; then
    bin=$bin/../lib/node_modules/wasirun/bin
  else
    file=$(readlink -f "$0") && bin=${file%/*}
  fi
fi
root=$bin/..
. "$bin/runtime.sh"
exit 1
*/;
import "../dist/wasirun.js";
