import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { ModuleError, run } from "wasirun";
import { posix } from "wasirun/posix";
import { command } from "../tools/command.ts";
import { goGuest } from "../tools/guests.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** A program that has its module in the executable. */
function program(guest: string): string {
  const at = (path: string): string => JSON.stringify(join(ROOT, path));
  return `import app from ${JSON.stringify(guest)} with { type: "file" };
import { run, runSync } from ${at("src/entry/bun.ts")};
import { posix } from ${at("src/platform/posix/mod.ts")};
const options = { stdout: "text", platform: posix() };
const url = new URL("file://" + app);
console.log(JSON.stringify([app, (await run(app, options)).stdout, runSync(url, options).stdout]));
`;
}

test("a module that bun build --compile has put into the executable is read; elsewhere there is no such file", async () => {
  if (process.versions["bun"] === undefined) {
    const error = await run("/$bunfs/root/app.wasm", { platform: posix() }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ModuleError);
    expect((error as Error).message).toBe("Cannot read /$bunfs/root/app.wasm: there is no such file");
    return;
  }
  const folder = mkdtempSync(join(os.tmpdir(), "wasirun-compile-"));
  try {
    writeFileSync(join(folder, "main.ts"), program(await goGuest("hello")));
    const executable = join(folder, "main");
    await command(process.execPath, ["build", "--compile", "--outfile", executable, join(folder, "main.ts")], {
      cwd: folder,
    });
    const [path, ...outputs] = JSON.parse(await command(executable, [], { cwd: folder })) as string[];
    expect(path).toMatch(/^\/\$bunfs\//);
    expect(outputs).toEqual(["Hello, WASI\n", "Hello, WASI\n"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
