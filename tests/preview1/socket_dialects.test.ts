/** Which socket functions a guest may import: `net.sockets`, `--sockets` of the command. */

import { afterEach, describe, expect, test } from "vitest";
import { ModuleError } from "../../src/runtime/errors.ts";
import type { NetOptions, SocketExtension } from "../../src/runtime/options/options.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { le } from "./abi_guest.ts";
import { At, EXTENSION, SUCCESS, WasmEdgeGuest } from "./wasmedge_guest.ts";

const guests: WasmEdgeGuest[] = [];

/** A guest that may use one extension only, and imports what it says. */
async function start(
  sockets: SocketExtension,
  extension?: readonly string[],
  net: NetOptions | undefined = { allow: true },
): Promise<WasmEdgeGuest> {
  const imports = extension === undefined ? {} : { imports: { extension } };
  const guest = await WasmEdgeGuest.start({ ...imports, net: { ...net, sockets } });
  guests.push(guest);
  return guest;
}

afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

const { RESULT, OTHER, THIRD, RECORD } = At;
const STANDARD = ["sock_accept/3", "sock_recv/6", "sock_send/5", "sock_shutdown/2"];
const LOCALHOST = [127, 0, 0, 1];

describe("none", () => {
  test("leaves the four functions of preview 1", async () => {
    const at = await start("none", STANDARD);
    expect(await at.call("sock_accept/3", 1, 0, RESULT)).toBe("NOTSOCK");
    expect(await at.call("sock_shutdown/2", 1, 1)).toBe("NOTSOCK");
  });

  test.each([...EXTENSION.keys()].filter((as) => !/^sock_(accept|recv|send|shutdown)\//.test(as)))(
    "does not have %s, and says so",
    async (as) => {
      const { name } = EXTENSION.get(as)!;
      const error = await start("none", [as]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ModuleError);
      expect(String(error)).toContain(`"${name}"`);
      expect(String(error)).toContain("--sockets");
    },
  );
});

describe.each(["wasmedgev1", "wasmedgev2"] as const)("%s", (sockets) => {
  test("has its own version of each function; the other answers NOSYS and does nothing", async () => {
    const at = await start(sockets);
    for (const [as, { name, params }] of EXTENSION) {
      const signature = WASMEDGE_SIGNATURES[name.replace(/_v2$/, "")]!;
      const own = sockets === "wasmedgev1" ? signature.v1.params.length : signature.v2.params.length;
      // sock_accept of the second version is preview 1's, which is always there.
      const isThere = params.length === own || as === "sock_accept/3" || as === "sock_accept_v2/3";
      const errno = await at.call(as, ...params.map(() => 99));
      if (isThere) expect(errno, as).not.toBe("NOSYS");
      else await at.check(as, params.map(() => 99), "NOSYS");
    }
  });

  test("carries a connection in its version", async () => {
    const at = await start(sockets);
    const listener = await at.listen(80);
    const client = await at.open();
    await at.must("sock_connect/3", client, at.record(LOCALHOST), 80);
    if (sockets === "wasmedgev1") await at.must("sock_accept/2", listener, RESULT);
    else await at.must("sock_accept_v2/3", listener, 0, RESULT);
    const server = at.u32(RESULT);
    at.record([], sockets === "wasmedgev1" ? 4 : 128);
    if (sockets === "wasmedgev1") await at.must("sock_getlocaladdr/4", server, RECORD, OTHER, THIRD);
    else await at.must("sock_getlocaladdr/3", server, RECORD, THIRD);
    expect(at.u32(THIRD)).toBe(80);
  });
});

describe("path_open", () => {
  async function open(at: WasmEdgeGuest, path: string, resultPtr: number = RESULT): Promise<string> {
    at.put(At.DATA, path);
    const { length } = new TextEncoder().encode(path);
    return await at.call("path_open", -1, 0, At.DATA, length, 0, 0n, 0n, 0, resultPtr);
  }

  async function flagsOf(at: WasmEdgeGuest, fd: number): Promise<number[]> {
    await at.must("fd_fdstat_get", fd, OTHER);
    return [at.bytes[OTHER]!, at.view.getUint16(OTHER + 2, true)];
  }

  test("opens sockets as paths, which are NONBLOCK unless it says otherwise", async () => {
    const at = await start("path_open", STANDARD);
    expect(await open(at, "tcp+listen://127.0.0.1:8080")).toBe(SUCCESS);
    const listener = at.u32(RESULT);
    expect(await flagsOf(at, listener)).toEqual([6, 4]);
    expect(await open(at, "tcp+dial://127.0.0.1:8080?nonblock=0&nodelay=1")).toBe(SUCCESS);
    const client = at.u32(RESULT);
    expect(await flagsOf(at, client)).toEqual([6, 0]);
    await at.must("sock_accept/3", listener, 0, RESULT);
    const server = at.u32(RESULT);
    at.put(At.DATA, "hello");
    await at.must("fd_write", client, at.vectors([At.DATA, 5]), 1, THIRD);
    await at.must("fd_read", server, at.vectors([At.DATA + 50, 9]), 1, THIRD);
    expect(new TextDecoder().decode(at.bytes.subarray(At.DATA + 50, At.DATA + 55))).toBe("hello");
  });

  test("finds names, and the family that the path asks for", async () => {
    const at = await start("path_open", STANDARD);
    const listener = at.virtual.listen({ host: "fd00::2", port: 80 });
    expect(await open(at, "tcp+dial://two.test:80"), "the second address answers").toBe(SUCCESS);
    expect(await open(at, "tcp6+dial://two.test:80")).toBe(SUCCESS);
    expect(await open(at, "tcp4+dial://two.test:80")).toBe("CONNREFUSED");
    expect(await open(at, "tcp+dial://[fd00::2]:80")).toBe(SUCCESS);
    expect(await open(at, "tcp4+dial://[fd00::2]:80")).toBe("AFNOSUPPORT");
    expect(await open(at, "tcp+dial://missing.test:80")).toBe("NOENT");
    listener.close();
    for (const [path, host] of [["tcp+listen://:81", "0.0.0.0"], ["tcp6+listen://:82?backlog=5&reuseaddr=0", "::"]]) {
      expect(await open(at, path!)).toBe(SUCCESS);
      expect(await at.virtual.listening()).toMatchObject({ host });
      await at.must("fd_close", at.u32(RESULT));
    }
  });

  test("stores nothing when it fails, and leaves no descriptor open", async () => {
    const at = await start("path_open", STANDARD);
    const count = (): number =>
      Array.from({ length: 20 }, (_, fd) => at.instance.system.table.get(fd)).filter((row) => row !== undefined).length;
    const before = count();
    const bytes = at.bytes.slice(0, 1000);
    expect(await open(at, "tcp+dial://127.0.0.1:9")).toBe("CONNREFUSED");
    expect(await open(at, "tcp+dial://:80")).toBe("INVAL");
    expect(await open(at, "tcp+dial://127.0.0.1:65536")).toBe("INVAL");
    expect(await open(at, "tcp+listen://192.0.2.1:80")).toBe("ADDRNOTAVAIL");
    expect(await open(at, "tcp+listen://127.0.0.1:80", 65533)).toBe("FAULT");
    expect([...at.bytes.subarray(0, 1000)]).toEqual([...bytes]);
    expect(count()).toBe(before);
  });

  test("leaves other paths and descriptors to the files", async () => {
    const at = await start("path_open", STANDARD);
    for (const path of ["udp+dial://127.0.0.1:80", "tcp+dial://127.0.0.1", "tcp+dial:/127.0.0.1:80", "etc/hosts"]) {
      expect(await open(at, path), path).toBe("BADF");
    }
    at.put(At.DATA, "tcp+listen://:80");
    expect(await at.call("path_open", 3, 0, At.DATA, 16, 0, 0n, 0n, 0, RESULT)).toBe("NOENT");
    at.put(At.DATA, "hosts");
    expect(await at.call("path_open", 3, 0, At.DATA, 5, 0, 2n, 0n, 0, RESULT)).toBe(SUCCESS);
  });

  test("has no other extension", async () => {
    await expect(start("path_open", ["sock_open/3"])).rejects.toThrow('"sock_open"');
  });

  test("opens what the rules allow", async () => {
    const at = await start("path_open", STANDARD, { allow: ["listen:127.0.0.1:80"] });
    expect(await open(at, "tcp+listen://127.0.0.1:80")).toBe(SUCCESS);
    expect(await open(at, "tcp+listen://127.0.0.1:81")).toBe("ACCES");
    expect(await open(at, "tcp+dial://127.0.0.1:80")).toBe("ACCES");
    expect(await open(at, "tcp+dial://one.test:80")).toBe("ACCES");
  });

  test("opens nothing without a network, and does not say that it did", async () => {
    const at = await start("path_open", STANDARD, {});
    at.put(RESULT, le([77, 4]));
    expect(await open(at, "tcp+listen://127.0.0.1:80")).toBe("ACCES");
    expect(await open(at, "tcp+dial://localhost:80")).toBe("ACCES");
    expect(at.u32(RESULT)).toBe(77);
  });
});

test("the option is one of five, whatever the network", async () => {
  for (const sockets of ["auto", "wasmedgev1", "wasmedgev2"] as const) {
    const at = await start(sockets, ["sock_open/3"], {});
    expect(await at.call("sock_open/3", 1, 2, RESULT)).toBe("ACCES");
  }
});
