/** A program of stock Go that uses Go's own network, which reaches nobody, is told what to do. */

import { beforeAll, describe, expect, test } from "vitest";
import { goGuest } from "../tools/guests.ts";
import { wasirun } from "../tools/wasirun.ts";

let server: string;
let client: string;

beforeAll(async () => {
  [server, client] = [await goGuest("stockserver"), await goGuest("stockclient")];
});

const LISTEN = "wasirun: the program waits for connections that can't come: net.Listen of stock Go reaches nobody on " +
  'wasip1; start the program with --listen ADDR and serve net.FileListener(os.NewFile(3, "")), or use ' +
  "github.com/stealthrocket/net with --allow-net\n";

for (const platform of ["posix", "runtime"]) {
  describe(`on the ${platform} platform`, () => {
    const flags = [`--platform=${platform}`];

    test("http.ListenAndServe: behind Go's own report, which is as it was", async () => {
      for (const args of [[], ["beside others"]]) {
        const { status, stdout, stderr } = await wasirun([...flags, server, ...args]);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toMatch(/^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \[/);
        expect(stderr).toContain("net.(*fakeNetFD).accept(");
        expect(stderr.endsWith(`\n${LISTEN}`)).toBe(true);
        expect(stderr.split("wasirun:")).toHaveLength(2);
      }
    });

    test("http.ListenAndServe, although a socket is passed or all is allowed", async () => {
      for (const option of ["--listen=127.0.0.1:0", "--allow-net"]) {
        expect((await wasirun([...flags, option, server])).stderr.endsWith(`\n${LISTEN}`)).toBe(true);
      }
    });

    test("net.Dial to an address, and to a name", async () => {
      const address = await wasirun([...flags, client, "127.0.0.1:80"]);
      expect(address.status).toBe(1);
      expect(address.stderr).toMatch(
        /^dial tcp 127.0.0.1:80: .*\nwasirun: the program could not connect: net\.Dial of stock Go reaches nobody .*\n$/,
      );
      const { status, stderr } = await wasirun([...flags, client, "example.com:80"]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^wasirun: the program looks up a name, which can't be found: net\.Dial of stock Go .*\n/);
      expect(stderr.split("wasirun:")).toHaveLength(2);
    });
  });
}

test("other programs of Go that fail get no such hint", async () => {
  for (const [name, ...args] of [["exit", "2"], ["panic"], ["files"]]) {
    expect((await wasirun([await goGuest(name!), ...args])).stderr).not.toMatch(/stock Go/);
  }
});
