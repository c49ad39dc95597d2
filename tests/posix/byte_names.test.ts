/** Names of files that are not UTF-8: what a guest sees of the system's, and what the system sees of a guest's. */

import { describe, expect, test } from "vitest";
import { Family, SocketType } from "../../src/contract/network.ts";
import { Oflags } from "../../src/witx/types.ts";
import { failed, ROOT } from "../system/caller.ts";
import { makeSocketSystem } from "../system/socket_systems.ts";
import { command } from "../tools/command.ts";
import { posixSystem } from "./posix_system.ts";
import { posixSocketBackend } from "./posix_sockets.ts";

/** Run a script of the shell in a folder. */
async function inShell(folder: string, script: string): Promise<string> {
  return (await command("sh", ["-c", `cd "$1"; ${script}`, "sh", folder])).trim();
}

/** Names in a folder as the system has them, in hexadecimal. */
function namesIn(folder: string): Promise<string> {
  return inShell(folder, "for name in *; do printf '%s' \"$name\" | od -An -tx1 | tr -d ' \\n'; echo; done");
}

describe("names that are not UTF-8", () => {
  test("of files that are there can be listed, opened, followed, renamed and removed", async () => {
    const { call, system, folder } = posixSystem();
    await inShell(
      folder,
      "printf content >\"$(printf 'caf\\351')\"; ln -s \"$(printf 'caf\\351')\" link; mkdir \"$(printf 'd\\377')\"",
    );
    expect(call.names()).toEqual(["caf\udce9", "d\udcff", "link"]);
    expect(call.get("caf\udce9")).toBe("content");
    expect(call.get("link")).toBe("content");
    expect(call.readlink("link")).toBe("caf\udce9");
    expect(call.stat("café")).toEqual(failed("NOENT"));
    expect(call.rename("caf\udce9", "d\udcff/\udc80")).toBe("SUCCESS");
    expect(call.get("d\udcff/\udc80")).toBe("content");
    const directory = call.mustOpen("d\udcff", { oflags: Oflags.DIRECTORY, rights: 0x4000 });
    expect(call.list(directory).map(({ name }) => name)).toEqual([".", "..", "\udc80"]);
    expect(call.unlink("d\udcff/\udc80")).toBe("SUCCESS");
    expect(call.rmdir("d\udcff")).toBe("SUCCESS");
    expect(call.names()).toEqual(["link"]);
    system.close();
  });

  test("of files that a guest makes are these bytes", async () => {
    const { call, system, folder } = posixSystem();
    call.put("\udc80", "");
    call.put(`${"long ".repeat(20)}\udcff`, "");
    call.put("\ufffd", "");
    call.put("é", "");
    call.symlink("to \udcff", "link \udcfe");
    const long = "6c6f6e6720".repeat(20);
    expect((await namesIn(folder)).split("\n").sort()).toEqual(
      ["80", `${long}ff`, "efbfbd", "c3a9", "6c696e6b20fe"].sort(),
    );
    expect(await inShell(folder, "readlink \"$(printf 'link \\376')\" | od -An -tx1")).toBe("74 6f 20 ff 0a");
    system.close();
  });

  test("are not made of strings that stand for no bytes", async () => {
    const { call, system, folder } = posixSystem();
    for (const name of ["\ud83d", "a\udc2fb", "\udcc3\udca9"]) {
      expect(call.mkdir(name)).toBe("ILSEQ");
      expect(call.open(name, { oflags: Oflags.CREAT })).toEqual(failed("ILSEQ"));
      expect(call.symlink(name, "link")).toBe("ILSEQ");
      expect(call.mkdir(name.repeat(100))).toBe("ILSEQ");
    }
    expect(call.names()).toEqual([]);
    expect(await namesIn(folder)).toBe("2a");
    system.close();
  });

  test("can be those of the host's own directories", () => {
    const { call, system, folder } = posixSystem();
    call.mkdir("r\udcff");
    const { call: inner, system: other } = posixSystem(`${folder}/r\udcff`);
    inner.put("file", "");
    expect(call.stat("r\udcff/file")).toMatchObject({ size: 0n });
    expect(() => posixSystem(`${folder}/\ud83d`)).toThrow(/ILSEQ/);
    system.close();
    other.close();
  });

  test.each(["suspend", "block"] as const)("can be those of unix sockets (%s)", async (mode) => {
    const backend = await posixSocketBackend(mode);
    const { folder, system } = posixSystem();
    const { sockets, call } = await makeSocketSystem(backend, {
      mounts: { "/": { root: backend.platform.openRoot(folder) } },
      net: { allow: ["unix:/s\udcff"] },
    });
    const path = { family: Family.UNIX, host: "/s\udcff", port: 0 };
    const { fd } = await sockets.listener(path);
    expect(await namesIn(folder)).toBe("73ff");
    expect(sockets.mustLocal(fd)).toEqual(path);
    const client = await sockets.dial(path);
    await sockets.sendAll(client, "hello");
    expect(await sockets.receive(await sockets.mustAccept(fd))).toBe("hello");
    // Other bytes are another name for the rules.
    expect(await sockets.connect(sockets.mustOpen(Family.UNIX), { ...path, host: "/s\udcfe" })).toBe("ACCES");
    expect(await sockets.connect(sockets.mustOpen(Family.UNIX), { ...path, host: "/s\ufffd" })).toBe("ACCES");
    expect(call.names(".", ROOT)).toEqual(["s\udcff"]);
    const datagrams = sockets.mustOpen(Family.UNIX, SocketType.DGRAM);
    expect(await sockets.bind(datagrams, { ...path, host: "/s\udcff2" })).toBe("ACCES");
    system.close();
    await backend.dispose();
  });
});
