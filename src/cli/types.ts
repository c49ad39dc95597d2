/** `wasirun types`: TypeScript declarations of a module or a component. */

import arg from "arg";
import { declarationsOf } from "../runtime/component/declarations.ts";
import { fetchSource, readSourceSync, type SourceBytes } from "../runtime/module/source.ts";
import type { CommandHost } from "./host/host.ts";
import { UsageError } from "./usage_error.ts";

const OPTIONS = { "--output": String, "--help": Boolean, "-o": "--output", "-h": "--help" } as const;

const HELP = `wasirun types - print TypeScript declarations of a module or component

USAGE
  wasirun types [-o FILE] MODULE

  MODULE is the path or URL of a .wasm file, or - for standard input. The
  declarations have what it imports and exports, as instantiate takes and
  returns them:

    wasirun types -o guest.d.ts guest.wasm

    import type { Exports } from "./guest.d.ts";
    const { exports } = await instantiate<Exports>("guest.wasm");

OPTIONS
  -o, --output FILE   Write to FILE. Default: standard output.
  -h, --help          Print this text.
`;

/** Perform `wasirun types`. @throws {UsageError} If its command line is wrong. @throws {ModuleError} By the module. */
export async function types(args: readonly string[], host: CommandHost): Promise<number> {
  const { _: names, "--output": output, "--help": help } = parse(args);
  if (help === true) {
    host.print(HELP);
    return 0;
  }
  const [name] = names;
  if (name === undefined || name === "" || names.length > 1) {
    throw new UsageError(`Cannot print types: ${names.length > 1 ? "name one module only" : "no module is given"}`);
  }
  const text = declarationsOf(await read(name, host));
  if (output === undefined) host.print(text);
  else write(output, text, host);
  return 0;
}

function parse(args: readonly string[]): arg.Result<typeof OPTIONS> {
  try {
    return arg(OPTIONS, { argv: [...args] });
  } catch (error) {
    if (!(error instanceof arg.ArgError)) throw error;
    throw new UsageError(`Cannot read the options of wasirun types: ${error.message}`);
  }
}

async function read(name: string, host: CommandHost): Promise<SourceBytes> {
  if (name === "-") return { bytes: host.readStdin(), label: "the module", basename: "main.wasm" };
  return await fetchSource(name) ?? readSourceSync(name, host);
}

function write(path: string, text: string, host: CommandHost): void {
  try {
    host.writeFile(path, text);
  } catch (error) {
    throw new Error(`Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
