import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIME } from "../../tools/wasirun.ts";
import { type Host, hostsOf, NATIVE, unsetVariables } from "./hosts.ts";
import { measureRounds } from "./measure.ts";
import { type Peer, startPeer } from "./peer.ts";
import type { Answer } from "./program.ts";
import { medianNs, tablesOf } from "./table.ts";

const EFFORT = { loopMs: 1, repeats: 1 };
const tell = (): void => {};

async function hostsNamed(names: readonly string[]): Promise<Host[]> {
  return (await hostsOf([RUNTIME], {})).filter(({ name }) => names.includes(name));
}

function failuresOf(answers: ReadonlyMap<string, ReadonlyMap<string, readonly Answer[]>>): string[] {
  return [...answers].flatMap(([operation, byHost]) =>
    [...byHost].flatMap(([name, each]) =>
      each.flatMap((answer) => "failure" in answer ? [`${name}: ${operation}: ${answer.failure}`] : [])
    )
  );
}

describe("the measurement of calls beside native ones", () => {
  let peer: Peer;
  beforeAll(async () => void (peer = await startPeer()));
  afterAll(() => peer.close());

  test("measures every call with files, natively and on wasirun", async () => {
    const hosts = await hostsNamed([NATIVE, RUNTIME]);
    const { answers } = await measureRounds(hosts, undefined, 1, EFFORT, tell);
    expect(failuresOf(answers)).toEqual([]);
    expect([...answers.values()].map((byHost) => [...byHost.keys()])).toEqual(
      Array.from({ length: answers.size }, () => [NATIVE, RUNTIME]),
    );
    expect([...answers.keys()]).toContain("fd_pwrite 4 x 16 KiB");
  });

  test("measures the calls with sockets", async () => {
    const { answers } = await measureRounds(await hostsNamed([NATIVE, RUNTIME]), peer.port, 1, EFFORT, tell);
    expect(failuresOf(answers)).toEqual([]);
    expect([...answers.keys()]).toEqual(["sock_recv 1 B", "sock_send 1 B"]);
  });

  test("tells of a host that can't, and goes on", async () => {
    const broken: Host = {
      name: "broken",
      hasSockets: true,
      commandOf: () => ({ words: ["sh", "-c", "echo it is broken >&2; exit 3"] }),
    };
    const [native] = await hostsNamed([NATIVE]);
    const measured = await measureRounds([native!, broken], peer.port, 2, EFFORT, tell);
    const text = tablesOf([measured], [NATIVE, "broken"]);
    expect(text).toContain("broken can't do sock_recv 1 B: Cannot run the program on broken: status 3 it is broken");
    expect(text).toMatch(/^sock_send 1 B +1\.00 +-$/m);
  });

  test("does not take one operation for another", async () => {
    const [native, wasirun] = await hostsNamed([NATIVE, RUNTIME]);
    const unconnected: Host = {
      ...wasirun!,
      commandOf: (operands) => wasirun!.commandOf({ ...operands, port: undefined }),
    };
    const { answers } = await measureRounds([native!, unconnected], peer.port, 1, EFFORT, tell);
    expect(failuresOf(answers)).toEqual(
      [...answers.keys()].map((operation) =>
        `${RUNTIME}: ${operation}: the program has other operations there: was it given the connection?`
      ),
    );
  });

  test("knows how other hosts are told of folders and connections", async () => {
    const env = { WASMTIME: "python3 wasmtime.py", WAZERO: "/bin/wazero", WASI_GO: "wasirun" };
    const hosts = (await hostsOf([], env)).filter(({ name }) => ["wasmtime", "wazero", "wasi-go"].includes(name));
    const words = hosts.map(({ commandOf }) =>
      commandOf({ work: "/w", devices: "/d", port: 80, args: ["1", "2"] }).words.slice(0, -3).join(" ")
    );
    expect(words).toEqual([
      "python3 wasmtime.py run --dir /w::/w --dir /d::/d",
      "/bin/wazero run -mount=/w:/w -mount=/d:/d",
      "wasirun --dial 127.0.0.1:80 --dir /w --dir /d",
    ]);
    expect(unsetVariables({ WAZERO: " " })).toEqual(["WASMTIME", "WAZERO", "WASI_GO"]);
  });

  test("takes the median of the rounds, and none where one failed", () => {
    expect(medianNs([{ ns: 3 }, { ns: 1 }, { ns: 2 }])).toBe(2);
    expect(medianNs([{ ns: 3 }, { failure: "error 8" }])).toBeUndefined();
    expect(medianNs(undefined)).toBeUndefined();
  });
});
