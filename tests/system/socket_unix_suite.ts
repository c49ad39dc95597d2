/**
 * Unix sockets: paths of the guest, below its mounts.
 *
 * @module
 */

import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { Family } from "../../src/contract/network.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { Filetype } from "../../src/witx/types.ts";
import { failed } from "./caller.ts";
import { unix } from "./socket_caller.ts";
import { type SocketContext } from "./socket_suite.ts";
import { openByPath } from "../platform/by_path.ts";
import type { SocketBackend, SocketSubject } from "./socket_systems.ts";

const SUCCESS = "SUCCESS";

/** Runtimes close what they listen at some time after they were told to. */
async function runtimeHasClosed(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** How a mount may be opened. */
function openings({ platform }: SocketBackend): [name: string, openRoot: (path: string) => PlatformDirectory][] {
  const own = (path: string): PlatformDirectory => platform.openRoot(path);
  return platform.name === "posix"
    ? [["held by a descriptor", own]]
    : [["as the platform has it", own], ["known by its path", openByPath]];
}

export function socketUnixSuite(context: SocketContext): void {
  const { backend } = context;

  /** Try to bind a socket there. */
  async function bind({ sockets }: SocketSubject, path: string): Promise<string> {
    return await sockets.bind(sockets.mustOpen(Family.UNIX), unix(path));
  }

  async function connect({ sockets }: SocketSubject, path: string): Promise<string> {
    return await sockets.connect(sockets.mustOpen(Family.UNIX), unix(path));
  }

  describe("names of unix sockets", () => {
    test("may be relative, and are known as they were given", async () => {
      const root = backend.platform.openRoot(backend.emptyDirectory());
      const subject = await context.make({ mounts: { "/": { root } }, cwd: "/" });
      const { sockets } = subject;
      const { fd } = await sockets.listener(unix("here"));
      expect(sockets.local(fd)).toEqual(unix("here"));
      const client = await sockets.dial(unix("/./nowhere/../here"));
      expect(sockets.peer(client)).toEqual(unix("/./nowhere/../here"));
      expect(sockets.local(await sockets.mustAccept(fd))).toEqual(unix("here"));
    });

    test("can be had once", async () => {
      const subject = await context.makeWithRoot();
      await subject.sockets.listener(unix("/taken"));
      expect(await bind(subject, "/taken")).toBe("ADDRINUSE");
      expect(await connect(subject, "/other")).toBe("NOENT");
      expect(await bind(subject, "")).toBe("INVAL");
      expect(await connect(subject, "")).toBe("INVAL");
    });

    test("of a peer stay what they were although another connect fails", async () => {
      const { sockets } = await context.makeWithRoot();
      await sockets.listener(unix("/one"));
      await sockets.listener(unix("/two"));
      const client = await sockets.dial(unix("/one"));
      expect(await sockets.connect(client, unix("/two"))).toBe("ISCONN");
      expect(sockets.peer(client)).toEqual(unix("/one"));
    });
  });

  if (backend.isVirtual) {
    test("unix sockets of a virtual network need no mount, and are no files", async () => {
      const subject = await context.make();
      const { fd } = await subject.sockets.listener(unix("/no/such/directory"));
      expect(await connect(subject, "/no/such/directory")).toBe(SUCCESS);
      subject.sockets.close(fd);
      expect(await connect(subject, "/no/such/directory")).toBe("NOENT");
      expect(await bind(subject, "/no/such/directory")).toBe(SUCCESS);
    });
    return;
  }

  describe("unix sockets in the file system", () => {
    test("are files of their type, which stay until they are unlinked", async () => {
      const subject = await context.makeWithRoot();
      const { sockets, call } = subject;
      const { fd } = await sockets.listener(unix("/sock"));
      expect(call.stat("sock")).toMatchObject({ filetype: Filetype.SOCKET_STREAM });
      expect(call.names()).toEqual(["sock"]);
      sockets.close(fd);
      expect(call.names()).toEqual(["sock"]);
      await runtimeHasClosed();
      expect(call.names()).toEqual(["sock"]);
      expect(await connect(subject, "/sock")).toBe("CONNREFUSED");
      expect(await bind(subject, "/sock")).toBe("ADDRINUSE");
      expect(call.unlink("sock")).toBe(SUCCESS);
      expect(await bind(subject, "/sock")).toBe(SUCCESS);
    });

    test("can't take the place of anything, nor be where nothing is", async () => {
      const subject = await context.makeWithRoot();
      const { call } = subject;
      call.put("file", "x");
      call.mkdir("dir");
      call.symlink("nowhere", "dangling");
      for (const path of ["/file", "/dir", "/dangling", "/"]) {
        expect(await bind(subject, path), path).toBe("ADDRINUSE");
      }
      expect(await bind(subject, "/none/sock")).toBe("NOENT");
      expect(await bind(subject, "/file/sock")).toBe("NOTDIR");
      expect(await connect(subject, "/file/sock")).toBe("NOTDIR");
      expect(await connect(subject, "/dangling")).toBe("NOENT");
      for (const path of ["/file", "/dir", "/"]) expect(await connect(subject, path), path).toBe("CONNREFUSED");
      expect(await bind(subject, `/${"n".repeat(300)}`)).toBe("NAMETOOLONG");
      expect(await bind(subject, `/${"n".repeat(200)}`), "longer than a sockaddr").toBe("NAMETOOLONG");
      expect(call.names()).toEqual(["dangling", "dir", "file"]);
    });

    test("are found through symbolic links, which lead nowhere else", async () => {
      const subject = await context.makeWithRoot();
      const { sockets, call } = subject;
      call.mkdir("dir");
      call.symlink("dir", "alias");
      call.symlink("dir/sock", "link");
      call.symlink("loop", "loop");
      const { fd } = await sockets.listener(unix("/alias/sock"));
      expect(call.names("dir")).toEqual(["sock"]);
      for (const path of ["/dir/sock", "/alias/sock", "/link", "/dir/../alias/./sock"]) {
        expect(await connect(subject, path), path).toBe(SUCCESS);
      }
      expect(await connect(subject, "/loop")).toBe("LOOP");
      expect(sockets.local(fd)).toEqual(unix("/alias/sock"));
    });

    test("lie below mounts only, and not below those that are read-only", async () => {
      const [open, closed, outside] = [1, 2, 3].map(() => backend.emptyDirectory());
      const shared = await context.make({
        mounts: {
          "/open": { root: backend.platform.openRoot(open!) },
          "/closed": { root: backend.platform.openRoot(closed!), readOnly: true },
        },
      });
      const owner = await context.make({ mounts: { "/": { root: backend.platform.openRoot(closed!) } } });
      await owner.sockets.listener(unix("/there"));
      expect(await bind(shared, "/closed/new")).toBe("ROFS");
      expect(await bind(shared, "/closed/there")).toBe("ROFS");
      expect(await connect(shared, "/closed/there")).toBe(SUCCESS);
      expect(await bind(shared, "/open/new")).toBe(SUCCESS);
      for (const path of ["/new", "/", "/opened", `${outside}/new`, "/open/../../new", "relative"]) {
        expect(await bind(shared, path), path).toBe("ACCES");
        expect(await connect(shared, path), path).toBe("ACCES");
      }
    });

    test("are not reached through links that lead out of a mount", async () => {
      const [inside, outside] = [backend.emptyDirectory(), backend.emptyDirectory()];
      const owner = await context.make({ mounts: { "/": { root: backend.platform.openRoot(outside) } } });
      await owner.sockets.listener(unix("/secret"));
      const { symlinkSync } = await import("node:fs");
      symlinkSync(`${outside}/secret`, `${inside}/absolute`);
      symlinkSync(`../${outside.split("/").at(-1)}/secret`, `${inside}/relative`);
      symlinkSync(outside, `${inside}/directory`);
      const subject = await context.make({ mounts: { "/mount": { root: backend.platform.openRoot(inside) } } });
      for (const path of ["/mount/absolute", "/mount/relative", "/mount/directory/secret"]) {
        expect(await connect(subject, path), path).toBe("PERM");
      }
      expect(await bind(subject, "/mount/directory/new")).toBe("PERM");
      expect(owner.call.names()).toEqual(["secret"]);
    });

    describe.each(openings(backend))("in a directory that is %s", (_name, openRoot) => {
      /** What tells of every change of a folder, be it undone. */
      function stateOf(folder: string): unknown {
        return [".", ...readdirSync(folder)].map((name) => {
          const { ino, nlink, ctimeNs, mtimeNs } = lstatSync(join(folder, name), { bigint: true });
          return { name, ino, nlink, ctimeNs, mtimeNs };
        });
      }

      test.each([["short", 0], ["as long as can be", 105]])(
        "are closed without a change outside when the guest has put a link in their place, by a path that is %s",
        async (_length, length) => {
          const base = backend.emptyDirectory();
          const filler = "d".repeat(Math.max(1, length - `${base}/box//s`.length));
          mkdirSync(join(base, "box", filler), { recursive: true });
          mkdirSync(join(base, "outside"));
          writeFileSync(join(base, "outside", "s"), "of the host");
          const subject = await context.make({ mounts: { "/": { root: openRoot(join(base, "box")) } } });
          const { sockets, call } = subject;
          if (openRoot === openByPath && length > 0) {
            // The spare name would be longer than a sockaddr.
            expect(await bind(subject, `/${filler}/s`)).toBe("NAMETOOLONG");
            expect(call.names(filler)).toEqual([]);
            return;
          }
          const { fd } = await sockets.listener(unix(`/${filler}/s`));
          expect(call.rename(filler, "moved")).toBe(SUCCESS);
          expect(call.symlink("../outside", filler)).toBe(SUCCESS);
          const before = stateOf(join(base, "outside"));
          sockets.close(fd);
          await runtimeHasClosed();
          expect(stateOf(join(base, "outside"))).toEqual(before);
          expect(call.names("moved")).toEqual(["s"]);
        },
      );

      test("leave no other name behind, when they are bound or can't be", async () => {
        const root = openRoot(backend.emptyDirectory());
        const subject = await context.make({ mounts: { "/": { root } } });
        subject.call.put("taken", "");
        const { fd } = await subject.sockets.listener(unix("/sock"));
        expect(await bind(subject, "/sock")).toBe("ADDRINUSE");
        expect(await bind(subject, "/taken")).toBe("ADDRINUSE");
        expect(subject.call.names()).toEqual(["sock", "taken"]);
        expect(await connect(subject, "/sock")).toBe(SUCCESS);
        subject.sockets.close(fd);
        await runtimeHasClosed();
        expect(subject.call.names()).toEqual(["sock", "taken"]);
      });
    });

    test("can't be in a directory in memory", async () => {
      const { root } = memoryPlatform({ files: { file: "" } });
      const subject = await context.make({ mounts: { "/": { root } } });
      expect(await bind(subject, "/sock")).toBe("NOTSUP");
      expect(await connect(subject, "/file")).toBe("NOTSUP");
    });

    test("that the system connects are the guest's own, by their path on the host", async () => {
      const directory = backend.emptyDirectory();
      const subject = await context.make({
        net: { listen: [`web=unix:${directory}/web`] },
        mounts: { "/": { root: backend.platform.openRoot(directory) } },
      });
      expect(subject.sockets.local(3)).toEqual(unix(""));
      const other = await context.make({
        net: { allow: true, dial: [`unix:${directory}/web`] },
        mounts: { "/": { root: backend.platform.openRoot(directory) } },
      });
      subject.sockets.nonBlocking(3, false);
      const first = await subject.sockets.mustAccept(3);
      await subject.sockets.sendAll(first, "to the dialed one");
      if (!backend.actsAtOnce) expect(await other.sockets.receiveNow(3, 99)).toEqual(failed("AGAIN"));
      other.sockets.nonBlocking(3, false);
      expect(await other.sockets.receive(3)).toBe("to the dialed one");
      expect(await other.sockets.connect(other.sockets.mustOpen(Family.UNIX), unix("/web"))).toBe(SUCCESS);
      expect(typeof await subject.sockets.mustAccept(3)).toBe("number");
    });
  });
}
