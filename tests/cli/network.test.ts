/** The options of the command on the network, with sockets of the system. */

import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import { DnsStub } from "../../src/core/net/dns/stub.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import { goGuest } from "../tools/guests.ts";
import { startWasirun, wasirun } from "../tools/wasirun.ts";

let folder: string;
let listenfds: string;
let policyGuest: string;

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-net-")));
  fs.writeFileSync(join(folder, "file.txt"), "content");
  [listenfds, policyGuest] = [await goGuest("listenfds"), await goGuest("policy")];
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/** A server that answers each line with a prefix, for as long as `use` takes. */
async function withServer<Result>(where: { port: number } | { path: string }, use: (port: number) => Promise<Result>) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => socket.write(`you said ${bytes}`));
  });
  const options = "path" in where ? where : { ...where, host: "127.0.0.1" };
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(options, resolve));
  try {
    const address = server.address();
    return await use(address !== null && typeof address === "object" ? address.port : 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  return await withServer({ port: 0 }, (port) => Promise.resolve(port));
}

/** Say a line and wait for the end of the answer. */
function exchange(where: net.NetConnectOpts, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(where, () => socket.write(`${line}\n`));
    let answer = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in time")));
    socket.on("data", (bytes) => answer += bytes).on("end", () => socket.end());
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

describe("--listen and --dial", () => {
  test("pass sockets on from descriptor 3, before the directories, with their names", async () => {
    const port = await freePort();
    const path = join(folder, "web.sock");
    await withServer({ port: 0 }, async (peer) => {
      const guest = startWasirun([
        ...["--dir", `${folder}::/data:ro`, "--dial", `localhost:${peer}`, "--listen", `127.0.0.1:${port}`],
        ...[`--tcplisten=web=unix:${path}`, "--dial", `dial-two=tcp://127.0.0.1:${peer}`, listenfds, "/data/file.txt"],
      ]);
      await guest.printed("ready\n");
      expect(await exchange({ port, host: "127.0.0.1" }, "one")).toBe("listen: one\n");
      expect(await exchange({ path }, "two")).toBe("web: two\n");
      const { stdout, stderr, status } = await guest.ended;
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.slice(0, 3)).toEqual(["sockets: 4 [listen web dial dial-two]", "file: content <nil>", "ready"]);
      expect(lines.slice(3).sort()).toEqual([
        "dial got: you said hello from dial",
        "dial-two got: you said hello from dial-two",
      ]);
    });
  });

  test("listen at all addresses without one", async () => {
    const port = await freePort();
    const guest = startWasirun(["--listen", `:${port}`, listenfds]);
    await guest.printed("ready\n");
    expect(await exchange({ port, host: "127.0.0.1" }, "x")).toBe("listen: x\n");
    expect(await guest.ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("dial a unix socket", async () => {
    const path = join(folder, "peer.sock");
    await withServer({ path }, async () => {
      const { stdout, stderr, status } = await wasirun(["--dial", `dialed=unix:${path}`, listenfds]);
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
      expect(stdout).toContain("dialed got: you said hello from dialed\n");
    });
  });

  async function expectError(args: readonly string[], message: string | RegExp): Promise<void> {
    const { stdout, stderr, status } = await wasirun([...args, listenfds]);
    expect(stderr).toMatch(message);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  }

  test("say which address is in use", async () => {
    await withServer({ port: 0 }, async (port) => {
      await expectError(
        ["--listen", `127.0.0.1:${port}`],
        `wasirun: Cannot use --listen 127.0.0.1:${port}: the address is in use; `,
      );
    });
  });

  test("say that nobody listens", async () => {
    const port = await freePort();
    await expectError(["--dial", `127.0.0.1:${port}`], `wasirun: Cannot use --dial 127.0.0.1:${port}: `);
    await expectError(["--dial", `unix:${folder}/none`], `wasirun: Cannot use --dial unix:${folder}/none: `);
  });

  test("say that a name is none", async () => {
    const started = performance.now();
    await expectError(["--dial", "nobody.invalid:80"], "wasirun: Cannot use --dial nobody.invalid:80: ");
    await expectError(["--listen", "nobody.invalid:80"], "wasirun: Cannot use --listen nobody.invalid:80: ");
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("--allow-net", () => {
  /** Lines that the guest printed, and what was told of refusals. */
  async function outcome(flags: readonly string[], args: readonly string[]): Promise<[string[], string[]]> {
    const { stdout, stderr, status } = await wasirun([...flags, policyGuest, ...args]);
    const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    return [lines(stdout), lines(stderr)];
  }

  test("opens nothing by default, and says so once", async () => {
    expect(await outcome([], ["connect", "127.0.0.1", "80", "listen", "127.0.0.1", "0", "unix", "/x"])).toEqual([
      ["connect 127.0.0.1: Permission denied", "listen 127.0.0.1: Permission denied", "unix /x: Permission denied"],
      ["wasirun: refused a socket; --allow-net would allow it"],
    ]);
  });

  test("opens everything", async () => {
    await withServer({ port: 0 }, async (port) => {
      expect(
        await outcome(["--allow-net"], [
          ...[
            "connect",
            "127.0.0.1",
            `${port}`,
            "connect",
            "::ffff:127.0.0.1",
            `${port}`,
            "connect",
            "0.0.0.0",
            `${port}`,
          ],
          ...["listen", "0.0.0.0", "0", "lookup", "localhost"],
        ]),
      ).toEqual([[
        ...["connect 127.0.0.1: fine", expect.stringContaining("connect ::ffff:127.0.0.1: "), "connect 0.0.0.0: fine"],
        ...["listen 0.0.0.0: fine", "lookup localhost: [127.0.0.1 ::1]"],
      ], []]);
    });
  });

  test("opens what its rules name, and tells of each refusal once, with the flag", async () => {
    await withServer({ port: 0 }, async (port) => {
      const rules = [`--allow-net=connect:localhost:${port},listen:127.0.0.1:0`, "--allow-net=10.0.0.0/8:1"];
      const refused = ["connect", "192.0.2.1", "80"];
      expect(
        await outcome(rules, [
          ...["connect", "127.0.0.1", `${port}`, ...refused, ...refused, "listen", "127.0.0.1", "0"],
          ...["listen", "0.0.0.0", "0", "listen", "127.0.0.1", `${port}`, "connect", "::1", "1"],
          ...["lookup", "localhost", "lookup", "example.com"],
        ]),
      ).toEqual([[
        ...["connect 127.0.0.1: fine", "connect 192.0.2.1: Permission denied", "connect 192.0.2.1: Permission denied"],
        ...["listen 127.0.0.1: fine", "listen 0.0.0.0: Permission denied", "listen 127.0.0.1: Permission denied"],
        ...["connect ::1: Permission denied", "lookup localhost: [127.0.0.1 ::1]"],
        expect.stringMatching(/^lookup example\.com: .*server misbehaving$/),
      ], [
        "wasirun: refused to connect to 192.0.2.1:80; --allow-net=connect:192.0.2.1:80 would allow it",
        "wasirun: refused to listen at 0.0.0.0:0; --allow-net=listen:0.0.0.0:0 would allow it",
        `wasirun: refused to listen at 127.0.0.1:${port}; --allow-net=listen:127.0.0.1:${port} would allow it`,
        "wasirun: refused to connect to [::1]:1; --allow-net=connect:[::1]:1 would allow it",
        "wasirun: refused to look up example.com; --allow-net=connect:example.com would allow it",
      ]]);
    });
  });

  test("opens unix sockets by their paths in the guest", async () => {
    const flags = ["--dir", `${folder}::/data`, "--allow-net=listen:unix:/data/*"];
    expect(await outcome(flags, ["unix", "/data/guest.sock", "unix", "/data/../data2/x"])).toEqual([
      ["unix /data/guest.sock: fine", "unix /data/../data2/x: Permission denied"],
      [expect.stringContaining("--allow-net=listen:unix:/data2/x would allow it")],
    ]);
  });

  test("is no value of another option, nor takes the module for its own", async () => {
    expect((await outcome(["--allow-net", "--env", "A=1"], []))[0]).toEqual([]);
  });
});

describe("--dns-server", () => {
  test("is asked for names, whose addresses the rules then allow", async () => {
    await withServer({ port: 0 }, async (port) => {
      const stub = new DnsStub(NetPolicy.all(), (name) =>
        Promise.resolve(
          name === "service.test" ? [{ family: Family.INET, host: "127.0.0.1", port: 0 }] : 44, // NOENT
        ));
      const server = dgram.createSocket("udp4");
      server.on("message", (message, from) => {
        void Promise.resolve(stub.answer(message)).then((answer) => {
          if (answer !== undefined) server.send(answer, from.port, from.address);
        });
      });
      await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
      try {
        const { stdout, stderr, status } = await wasirun([
          ...["--dns-server", `127.0.0.1:${server.address().port}`, `--allow-net=service.test:${port},none.test`],
          ...[policyGuest, "lookup", "none.test", "connect", "127.0.0.1", `${port}`, "lookup", "service.test"],
          ...["connect", "127.0.0.2", `${port}`],
        ]);
        expect({ stdout: stdout.split("\n"), status }).toEqual({
          stdout: [
            expect.stringMatching(/^lookup none\.test: .*no such host$/),
            "connect 127.0.0.1: fine",
            "lookup service.test: [127.0.0.1]",
            "connect 127.0.0.2: Permission denied",
            "",
          ],
          status: 0,
        });
        expect(stderr).toContain(`refused to connect to 127.0.0.2:${port};`);
      } finally {
        server.close();
      }
    });
  });
});

describe("--sockets", () => {
  test("none and path_open leave out the functions that make sockets", async () => {
    for (const name of ["none", "path_open"]) {
      const { stderr, status } = await wasirun(["--sockets", name, "--allow-net", policyGuest]);
      expect(stderr).toMatch(/^wasirun: Cannot .*sock_(?:open|bind|listen|connect)/);
      expect(status).toBe(1);
    }
  });

  test("auto, wasmedgev1 and wasmedgev2 have those that both have", async () => {
    for (const name of ["auto", "wasmedgev1", "wasmedgev2"]) {
      const { stdout, status } = await wasirun([
        ...["--sockets", name, "--allow-net=listen:127.0.0.1", policyGuest, "listen", "127.0.0.1", "0"],
      ]);
      expect({ stdout, status }).toEqual({ stdout: "listen 127.0.0.1: fine\n", status: 0 });
    }
  });
});
