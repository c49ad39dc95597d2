/** Names of files that are not UTF-8, on the platforms of the runtimes. */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { makeSystem } from "../system/backends.ts";
import { Caller, failed } from "../system/caller.ts";
import { makeSocketSystem, runtimeNetworkBackend } from "../system/socket_systems.ts";
import { command } from "../tools/command.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-names-")));
const platform = (await detectPlatform())();
const isDeno = process.versions["deno"] !== undefined;

afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A system whose root is a new folder that a script of the shell has filled. */
async function systemOver(script: string): Promise<Caller> {
  const folder = mkdtempSync(join(base, "d-"));
  await command("sh", ["-c", `cd "$1"; ${script}`, "sh", folder]);
  const backend = {
    name: platform.name,
    platform,
    emptyRoot: () => platform.openRoot(folder),
    dispose: async () => {},
  };
  return new Caller(makeSystem(backend).system);
}

const FILES =
  "printf content >\"$(printf 'caf\\351')\"; ln -s \"$(printf 'caf\\351')\" link; mkdir \"$(printf 'd\\377')\"; " +
  "printf replaced >\"$(printf 'caf\\357\\277\\275')\"";

describe.skipIf(process.platform !== "linux")("names that are not UTF-8", () => {
  if (isDeno) {
    test("are shown with U+FFFD, and lead to no other file", async () => {
      const call = await systemOver("printf content >\"$(printf 'caf\\351')\"; ln -s \"$(printf 'caf\\351')\" link");
      expect(call.names()).toEqual(["caf\ufffd", "link"]);
      expect(call.open("caf\ufffd")).toEqual(failed("NOENT"));
      expect(call.open("caf\udce9")).toEqual(failed("ILSEQ"));
      expect(call.open("link")).toEqual(failed("ILSEQ"));
    });
    return;
  }

  test("are listed, opened, followed, renamed and removed, beside names with a genuine U+FFFD", async () => {
    const call = await systemOver(FILES);
    expect(call.names()).toEqual(["caf\udce9", "caf\ufffd", "d\udcff", "link"].sort());
    const types = call.list(3).map(({ name, filetype }) => [name, filetype]);
    expect(types.slice(2).sort()).toEqual([["caf\udce9", 4], ["caf\ufffd", 4], ["d\udcff", 3], ["link", 7]]);
    expect(call.get("caf\udce9")).toBe("content");
    expect(call.get("caf\ufffd")).toBe("replaced");
    expect(call.readlink("link")).toBe("caf\udce9");
    expect(call.get("link")).toBe("content");
    expect(call.rename("caf\udce9", "d\udcff/\udc80")).toBe("SUCCESS");
    expect(call.names("d\udcff")).toEqual(["\udc80"]);
    expect(call.unlink("d\udcff/\udc80")).toBe("SUCCESS");
    expect(call.rmdir("d\udcff")).toBe("SUCCESS");
    expect(call.names()).toEqual(["caf\ufffd", "link"]);
  });

  test("can be those of the host's own directories", async () => {
    const folder = mkdtempSync(join(base, "r-"));
    await command("sh", ["-c", `cd "$1"; mkdir "$(printf 'r\\377')"; touch "$(printf 'r\\377')/file"`, "sh", folder]);
    const root = platform.openRoot(`${folder}/r\udcff`);
    const { system } = makeSystem({ name: "", platform, emptyRoot: () => root, dispose: async () => {} });
    expect(new Caller(system).names()).toEqual(["file"]);
    expect(() => platform.openRoot(`${folder}/\ud83d`)).toThrow(/EILSEQ/);
  });

  test("are none of unix sockets", async () => {
    const backend = await runtimeNetworkBackend();
    const { sockets } = await makeSocketSystem(backend, {
      mounts: { "/": { root: platform.openRoot(mkdtempSync(join(base, "s-"))) } },
      net: { allow: ["unix:/*"] },
    });
    const path = { family: Family.UNIX, host: "/s\udcff", port: 0 };
    expect(await sockets.bind(sockets.mustOpen(Family.UNIX), path)).toBe("ILSEQ");
    const { fd } = await sockets.listener({ ...path, host: "/s\ufffd" });
    expect(["NOENT", "ILSEQ"]).toContain(await sockets.connect(sockets.mustOpen(Family.UNIX), path));
    expect(sockets.mustLocal(fd).host).toBe("/s\ufffd");
    await backend.dispose();
  });
});
