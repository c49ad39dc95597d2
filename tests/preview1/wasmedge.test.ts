/** What the functions of WasmEdge's extension take and store, to the byte, in both versions. */

import { afterEach, describe, expect, test } from "vitest";
import { le, MEMORY_SIZE } from "./abi_guest.ts";
import { At, lastOf, SUCCESS, WasmEdgeGuest, type WasmEdgeOptions, wide } from "./wasmedge_guest.ts";

const guests: WasmEdgeGuest[] = [];

async function start(options?: WasmEdgeOptions): Promise<WasmEdgeGuest> {
  const guest = await WasmEdgeGuest.start(options);
  guests.push(guest);
  return guest;
}

afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

const { RESULT, OTHER, THIRD, BUFFER, DATA } = At;
/** The first free descriptor: 3 is `/etc`. */
const FIRST = 4;
const LOCALHOST = [127, 0, 0, 1];
const LOCALHOST6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

describe("sock_open", () => {
  test("stores the descriptor", async () => {
    const at = await start();
    await at.check("sock_open/3", [1, 2, RESULT], SUCCESS, { [RESULT]: le([FIRST, 4]) });
    await at.check("sock_open_v2/3", [2, 1, lastOf(4)], SUCCESS, { [lastOf(4)]: le([FIRST + 1, 4]) });
    await at.check("sock_open/3", [3, 2, RESULT + 1], SUCCESS, { [RESULT + 1]: le([FIRST + 2, 4]) });
    await at.check("sock_open/3", [0x101, 0x102, RESULT], SUCCESS, { [RESULT]: le([FIRST + 3, 4]) });
  });

  test("stores nothing when it fails", async () => {
    const at = await start();
    for (const [family, type] of [[0, 2], [4, 2], [1, 0], [1, 3], [-1, -1]]) {
      await at.check("sock_open/3", [family!, type!, RESULT], "INVAL");
    }
    const closed = await start({ net: undefined });
    await closed.check("sock_open/3", [1, 2, RESULT], "ACCES");
    await closed.check("sock_open/3", [1, 2, lastOf(3)], "FAULT");
  });
});

describe("addresses that are read", () => {
  test.each([
    ["4 bytes", 1, LOCALHOST, 4],
    ["16 bytes", 2, LOCALHOST6, 16],
    ["128 bytes of IPv4", 1, wide(1, LOCALHOST), 128],
    ["128 bytes of IPv6", 2, wide(2, LOCALHOST6), 128],
    ["more than 128 bytes", 1, wide(1, LOCALHOST), 200],
    ["128 bytes whose rest is not 0", 1, [1, 0, ...LOCALHOST, ...new Array<number>(122).fill(255)], 128],
  ])("may have %s", async (_name, family, bytes, length) => {
    const at = await start();
    const fd = await at.open(family);
    await at.check("sock_bind/3", [fd, at.record(bytes, length), 8080], SUCCESS);
    at.record([], 128);
    const expected = wide(family, family === 1 ? LOCALHOST : LOCALHOST6);
    await at.check("sock_getlocaladdr/3", [fd, At.RECORD, RESULT], SUCCESS, {
      [BUFFER]: expected,
      [RESULT]: le([8080, 4]),
    });
  });

  test("may be the last bytes of memory", async () => {
    const at = await start();
    const fd = await at.open();
    at.put(lastOf(4), LOCALHOST);
    at.put(lastOf(12), le([lastOf(4), 4], [4, 4]));
    await at.must("sock_bind/3", fd, lastOf(12), 8080);
  });

  test("may be paths of unix sockets", async () => {
    const at = await start();
    const fd = await at.open(3);
    await at.check("sock_bind/3", [fd, at.record(wide(3, "/run/ünix")), 0], SUCCESS);
    await at.must("sock_listen/2", fd, 1);
    const client = await at.open(3);
    await at.check("sock_connect/3", [client, at.record(wide(3, "/run/ünix")), 9], SUCCESS);
    at.record([], 128);
    await at.check("sock_getpeeraddr/3", [client, At.RECORD, RESULT], SUCCESS, {
      [BUFFER]: wide(3, "/run/ünix"),
      [RESULT]: le([0, 4]),
    });
    await at.check("sock_getpeeraddr/4", [client, At.RECORD, OTHER, RESULT], SUCCESS, { [OTHER]: le([6, 4]) });
    at.record([], 16);
    await at.check("sock_getpeeraddr/3", [client, At.RECORD, RESULT], "INVAL");
    const other = await at.open(3);
    await at.check("sock_bind/3", [other, at.record(wide(3, [0x2f, 0xff])), 0], SUCCESS);
    at.record([], 128);
    await at.check("sock_getlocaladdr/3", [other, At.RECORD, RESULT], SUCCESS, {
      [BUFFER]: wide(3, [0x2f, 0xff]),
      [RESULT]: le([0, 4]),
    });
  });

  test("are INVAL in other lengths and families, and with ports that are none", async () => {
    const at = await start();
    const fd = await at.open();
    for (const length of [0, 1, 3, 5, 8, 15, 17, 64, 127]) {
      await at.check("sock_bind/3", [fd, at.record(wide(1, LOCALHOST), length), 80], "INVAL");
      await at.check("sock_connect/3", [fd, At.RECORD, 80], "INVAL");
    }
    for (const family of [0, 4, 257]) {
      const record = at.record([family & 255, family >> 8, ...LOCALHOST], 128);
      await at.check("sock_connect/3", [fd, record, 80], "INVAL");
    }
    for (const port of [65536, -1, 0x7fffffff]) {
      await at.check("sock_connect/3", [fd, at.record(LOCALHOST), port], "INVAL");
    }
    const unix = await at.open(3);
    await at.check("sock_bind/3", [unix, at.record([3, 0, ...new Array<number>(126).fill(97)]), 0], "NAMETOOLONG");
    await at.check("sock_bind/3", [unix, at.record(wide(3, "")), 0], "INVAL");
    await at.check("sock_bind/3", [fd, at.record(LOCALHOST6), 80], "AFNOSUPPORT");
  });
});

describe("addresses that are written", () => {
  test("go into 4, 16 and 128 bytes, and no further", async () => {
    const at = await start();
    const { client } = await at.pair(80);
    for (const length of [4, 5, 16, 127]) {
      at.record([], length);
      await at.check("sock_getpeeraddr/4", [client, At.RECORD, OTHER, RESULT], SUCCESS, {
        [BUFFER]: LOCALHOST,
        [OTHER]: le([4, 4]),
        [RESULT]: le([80, 4]),
      });
      await at.check("sock_getpeeraddr/3", [client, At.RECORD, RESULT], SUCCESS);
    }
    for (const length of [128, 300]) {
      at.record([], length);
      await at.check("sock_getpeeraddr/3", [client, At.RECORD, RESULT], SUCCESS, { [BUFFER]: wide(1, LOCALHOST) });
    }
    for (const length of [0, 3]) {
      at.record([], length);
      await at.check("sock_getpeeraddr/3", [client, At.RECORD, RESULT], "INVAL");
      await at.check("sock_getlocaladdr/4", [client, At.RECORD, OTHER, RESULT], "INVAL");
    }
    const unbound = await at.open(2);
    at.record([], 15);
    await at.check("sock_getlocaladdr/3", [unbound, At.RECORD, RESULT], "INVAL");
    at.record([], 16);
    await at.check("sock_getlocaladdr/4", [unbound, At.RECORD, OTHER, RESULT], SUCCESS, {
      [BUFFER]: new Array<number>(16).fill(0),
      [OTHER]: le([6, 4]),
      [RESULT]: le([0, 4]),
    });
    at.record([], 128);
    await at.check("sock_getpeeraddr/3", [unbound, At.RECORD, RESULT], "NOTCONN");
  });

  test("of IPv4 peers are mapped for IPv6 sockets", async () => {
    const at = await start();
    const listener = await at.open(2);
    await at.must("sock_bind/3", listener, at.record(new Array<number>(16).fill(0)), 80);
    await at.must("sock_listen/2", listener, 1);
    const client = await at.open();
    await at.must("sock_connect/3", client, at.record(LOCALHOST), 80);
    await at.check("sock_accept/3", [listener, 0, RESULT], SUCCESS, { [RESULT]: le([FIRST + 2, 4]) });
    at.record([], 16);
    await at.must("sock_getpeeraddr/3", FIRST + 2, At.RECORD, RESULT);
    expect([...at.bytes.subarray(BUFFER, BUFFER + 16)]).toEqual([
      ...new Array<number>(10).fill(0),
      255,
      255,
      ...LOCALHOST,
    ]);
  });
});

describe("one module with both versions of each function", () => {
  test("accepts with two arguments and with three", async () => {
    const at = await start();
    const listener = await at.listen(80);
    for (let i = 0; i < 4; i++) {
      const client = await at.open();
      await at.must("sock_connect/3", client, at.record(LOCALHOST), 80);
    }
    await at.check("sock_accept/2", [listener, RESULT], SUCCESS, { [RESULT]: le([FIRST + 5, 4]) });
    await at.check("sock_accept/3", [listener, 4, OTHER], SUCCESS, { [OTHER]: le([FIRST + 6, 4]) });
    await at.check("sock_accept_v2/3", [listener, 0, RESULT], SUCCESS, { [RESULT]: le([FIRST + 7, 4]) });
    await at.check("sock_accept_v2/2", [listener, RESULT], SUCCESS, { [RESULT]: le([FIRST + 8, 4]) });
    const flagsOf = async (fd: number): Promise<number> => {
      await at.must("fd_fdstat_get", fd, DATA);
      return at.view.getUint16(DATA + 2, true);
    };
    expect([await flagsOf(FIRST + 5), await flagsOf(FIRST + 6), await flagsOf(FIRST + 7)]).toEqual([0, 4, 0]);
    await at.check("sock_accept/3", [listener, 1, RESULT], "INVAL");
    await at.must("fd_fdstat_set_flags", listener, 4);
    await at.check("sock_accept/2", [listener, RESULT], "AGAIN");
    await at.check("sock_accept/3", [listener, 0, RESULT], "AGAIN");
  });

  test("receives with seven arguments and with eight", async () => {
    const at = await start();
    const [one, two] = [await at.datagrams(5001), await at.datagrams(5002)];
    at.put(DATA, "hello");
    for (let i = 0; i < 3; i++) {
      const args = [one, at.vectors([DATA, 5]), 1, at.record(LOCALHOST), 5002, 0, RESULT];
      await at.check("sock_send_to/7", args, SUCCESS, { [RESULT]: le([5, 4]) });
    }
    at.reset();
    const vectors = at.vectors([DATA, 2], [DATA + 100, 9]);
    const received = { [DATA]: "he", [DATA + 100]: "llo" };
    at.record([], 4);
    await at.check("sock_recv_from/7", [two, vectors, 2, At.RECORD, 0, RESULT, OTHER], SUCCESS, {
      ...received,
      [BUFFER]: LOCALHOST,
      [RESULT]: le([5, 4]),
      [OTHER]: le([0, 2]),
    });
    at.record([], 128);
    at.bytes.fill(63, DATA, DATA + 200);
    await at.check("sock_recv_from/8", [two, vectors, 2, At.RECORD, 0, THIRD, RESULT, OTHER], SUCCESS, {
      ...received,
      [BUFFER]: wide(1, LOCALHOST),
      [THIRD]: le([5001, 4]),
    });
    at.vectors([DATA, 2]);
    await at.check("sock_recv_from_v2/8", [two, vectors, 1, At.RECORD, 0, THIRD, RESULT, OTHER], SUCCESS, {
      [RESULT]: le([2, 4]),
      [OTHER]: le([1, 2]),
    });
  });

  test("asks for addresses with three arguments and with four, of which one is the type", async () => {
    const at = await start();
    const { client } = await at.pair(80);
    at.record([], 16);
    await at.check("sock_getpeeraddr/4", [client, At.RECORD, OTHER, RESULT], SUCCESS, {
      [BUFFER]: LOCALHOST,
      [OTHER]: le([4, 4]),
      [RESULT]: le([80, 4]),
    });
    await at.check("sock_getpeeraddr_v2/3", [client, At.RECORD, THIRD], SUCCESS, { [THIRD]: le([80, 4]) });
    await at.check("sock_getlocaladdr/4", [client, At.RECORD, OTHER, lastOf(4)], SUCCESS, {
      [lastOf(4)]: le([49152, 4]),
    });
  });

  test("may import some in one version and some in the other, as Rust's programs do", async () => {
    const at = await start({
      imports: {
        extension: [
          ...["sock_open/3", "sock_bind/3", "sock_listen/2", "sock_accept/2", "sock_connect/3", "sock_getlocaladdr/4"],
          ...["sock_recv_from/8", "sock_send_to/7", "sock_getsockopt/5"],
        ],
      },
    });
    const { client, server } = await at.pair(80);
    expect([client, server]).toEqual([FIRST + 1, FIRST + 2]);
    at.record([], 16);
    await at.must("sock_getlocaladdr/4", server, At.RECORD, OTHER, RESULT);
    expect([at.u32(OTHER), at.u32(RESULT)]).toEqual([4, 80]);
  });
});

describe("sending and receiving", () => {
  test("stores how much, and the flags", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.reset();
    at.put(DATA, "abcdef");
    await at.check("sock_send/5", [client, at.vectors([DATA, 2], [DATA + 3, 3]), 2, 0, RESULT], SUCCESS, {
      [RESULT]: le([5, 4]),
    });
    const vectors = at.vectors([DATA, 3], [DATA + 50, 0], [DATA + 60, 10]);
    await at.check("sock_recv/6", [server, vectors, 3, 1, RESULT, OTHER], SUCCESS, {
      [DATA]: "abd",
      [DATA + 60]: "ef",
      [RESULT]: le([5, 4]),
      [OTHER]: le([0, 2]),
    });
    await at.check("sock_recv_v2/6", [server, vectors, 3, 0, lastOf(4), lastOf(6)], SUCCESS, {
      [lastOf(4)]: le([5, 4]),
      [lastOf(6)]: le([0, 2]),
    });
    await at.check("sock_send/5", [client, vectors, 1, 1, RESULT], "INVAL");
    await at.check("sock_recv/6", [server, vectors, 1, 4, RESULT, OTHER], "INVAL");
  });

  test("from a stream has no sender: family 0 in a wide record, nothing in a narrow one", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.put(DATA, "xy");
    await at.must("sock_send/5", client, at.vectors([DATA, 2]), 1, 0, RESULT);
    at.reset();
    at.vectors([DATA, 1]);
    at.record([], 128);
    await at.check("sock_recv_from/8", [server, At.VECTORS, 1, At.RECORD, 0, THIRD, RESULT, OTHER], SUCCESS, {
      [DATA]: "x",
      [BUFFER]: [0, 0],
      [THIRD]: le([0, 4]),
      [RESULT]: le([1, 4]),
      [OTHER]: le([0, 2]),
    });
    at.record([], 16);
    await at.check("sock_recv_from/7", [server, At.VECTORS, 1, At.RECORD, 0, RESULT, OTHER], SUCCESS, { [DATA]: "y" });
  });

  test("to an address is ISCONN for a stream", async () => {
    const at = await start();
    const { client } = await at.pair(80);
    at.put(DATA, "xy");
    const args = [client, at.vectors([DATA, 2]), 1, at.record(LOCALHOST), 80, 0, RESULT];
    await at.check("sock_send_to/7", args, "ISCONN");
  });

  test("with WAITALL waits until all is there", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.reset();
    at.put(DATA + 1000, "0123456789");
    const receiving = at.call("sock_recv/6", server, at.vectors([DATA, 4], [DATA + 10, 4]), 2, 2, RESULT, OTHER);
    let isOver = false;
    void receiving.then(() => isOver = true);
    for (const start of [0, 3, 6]) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      expect(isOver).toBe(false);
      at.put(500, le([DATA + 1000 + start, 4], [3, 4]));
      await at.must("sock_send/5", client, 500, 1, 0, THIRD);
    }
    expect(await receiving).toBe(SUCCESS);
    expect(new TextDecoder().decode(at.bytes.subarray(DATA, DATA + 14))).toBe("0123??????4567");
    expect([at.u32(RESULT), at.view.getUint16(OTHER, true)]).toEqual([8, 0]);
    await at.must("sock_recv/6", server, at.vectors([DATA, 4]), 1, 0, RESULT, OTHER);
    expect(at.u32(RESULT)).toBe(1);
  });

  test("with WAITALL has what there is at the end, after RCVTIMEO, or where it does not block", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.put(DATA, "abcdef");
    const send = (): Promise<void> => at.must("sock_send/5", client, at.vectors([DATA, 3]), 1, 0, RESULT);
    const receive = async (): Promise<[string, number]> => {
      const errno = await at.call("sock_recv/6", server, at.vectors([DATA + 100, 50]), 1, 2, RESULT, OTHER);
      return [errno, at.u32(RESULT)];
    };
    await send();
    await at.must("sock_setsockopt/5", server, 0, 11, at.put(DATA + 200, le([0, 8], [5000, 8])), 16);
    expect(await receive()).toEqual([SUCCESS, 3]);
    expect((await receive())[0]).toBe("AGAIN");
    await at.must("fd_fdstat_set_flags", server, 4);
    await send();
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await receive()).toEqual([SUCCESS, 3]);
    expect((await receive())[0]).toBe("AGAIN");
    await at.must("fd_fdstat_set_flags", server, 0);
    await send();
    await at.must("sock_shutdown/2", client, 2);
    expect(await receive()).toEqual([SUCCESS, 3]);
    expect(await receive()).toEqual([SUCCESS, 0]);
  });

  test("with WAITALL leaves what failed meanwhile to the next call", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.put(DATA, "abc");
    await at.must("sock_send/5", client, at.vectors([DATA, 3]), 1, 0, RESULT);
    const receiving = at.call("sock_recv/6", server, at.vectors([DATA + 100, 50]), 1, 2, RESULT, OTHER);
    await at.must("sock_setsockopt/5", client, 0, 9, at.put(DATA + 200, le([1, 4], [0, 4])), 8);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await at.must("fd_close", client);
    expect([await receiving, at.u32(RESULT)]).toEqual([SUCCESS, 3]);
    expect(await at.call("sock_recv/6", server, At.VECTORS, 1, 2, RESULT, OTHER)).toBe("CONNRESET");
    await at.must("sock_recv/6", server, At.VECTORS, 1, 2, RESULT, OTHER);
    expect(at.u32(RESULT)).toBe(0);
  });

  test("with WAITALL takes one datagram only", async () => {
    const at = await start();
    const fd = await at.datagrams(5001);
    at.put(DATA, "abc");
    await at.must("sock_send_to/7", fd, at.vectors([DATA, 3]), 1, at.record(LOCALHOST), 5001, 0, RESULT);
    await at.must("sock_recv/6", fd, at.vectors([DATA, 50]), 1, 2, RESULT, OTHER);
    expect(at.u32(RESULT)).toBe(3);
  });

  test("is the same through fd_read and fd_write, which wait as well", async () => {
    const at = await start();
    const { client, server } = await at.pair(80);
    at.reset();
    const reading = at.call("fd_read", server, at.vectors([DATA, 9]), 1, RESULT);
    at.put(DATA + 100, "late");
    at.put(500, le([DATA + 100, 4], [4, 4]));
    await at.must("fd_write", client, 500, 1, OTHER);
    expect(await reading).toBe(SUCCESS);
    expect([at.u32(OTHER), at.u32(RESULT)]).toEqual([4, 4]);
    expect(new TextDecoder().decode(at.bytes.subarray(DATA, DATA + 5))).toBe("late?");
  });
});

describe("options", () => {
  const SO = 0;
  const TCP = 6;

  test("are ints of 4 bytes", async () => {
    const at = await start();
    const { client, listener } = await at.pair(80);
    await at.check("sock_getsockopt/5", [client, SO, 1, DATA, 4], SUCCESS, { [DATA]: le([2, 4]) });
    await at.check("sock_getsockopt/5", [listener, SO, 13, DATA, 4], SUCCESS, { [DATA]: le([1, 4]) });
    await at.check("sock_getsockopt/5", [client, SO, 2, lastOf(4), 16], SUCCESS, { [lastOf(4)]: le([0, 4]) });
    for (const [level, name] of [[SO, 7], [TCP, 1], [TCP, 15]] as const) {
      await at.check("sock_setsockopt/5", [client, level, name, at.put(OTHER, le([7, 4])), 4], SUCCESS);
      await at.check("sock_getsockopt/5", [client, level, name, DATA, 4], SUCCESS, { [DATA]: le([1, 4]) });
      await at.check("sock_setsockopt/5", [client, level, name, at.put(OTHER, le([0, 8])), 8], SUCCESS);
      await at.check("sock_getsockopt/5", [client, level, name, DATA, 4], SUCCESS, { [DATA]: le([0, 4]) });
    }
    await at.check("sock_setsockopt/5", [client, TCP, 4, at.put(OTHER, le([90, 4])), 4], SUCCESS);
    await at.check("sock_getsockopt_v2/5", [client, TCP, 4, DATA, 4], SUCCESS, { [DATA]: le([90, 4]) });
  });

  test("of LINGER are two ints", async () => {
    const at = await start();
    const fd = await at.open();
    await at.check("sock_getsockopt/5", [fd, SO, 9, DATA, 8], SUCCESS, { [DATA]: le([0, 4], [0, 4]) });
    await at.check("sock_setsockopt/5", [fd, SO, 9, at.put(OTHER, le([5, 4], [0, 4])), 8], SUCCESS);
    await at.check("sock_getsockopt/5", [fd, SO, 9, DATA, 8], SUCCESS, { [DATA]: le([1, 4], [0, 4]) });
    await at.check("sock_setsockopt/5", [fd, SO, 9, at.put(OTHER, le([1, 4], [3, 4])), 8], "NOPROTOOPT");
    await at.check("sock_setsockopt/5", [fd, SO, 9, at.put(OTHER, le([0, 4], [3, 4])), 8], SUCCESS);
    await at.check("sock_getsockopt/5", [fd, SO, 9, DATA, 8], SUCCESS, { [DATA]: le([0, 8]) });
    await at.check("sock_getsockopt/5", [fd, SO, 9, DATA, 7], "INVAL");
    await at.check("sock_setsockopt/5", [fd, SO, 9, OTHER, 7], "INVAL");
  });

  test("of time are a timeval", async () => {
    const at = await start();
    const fd = await at.open();
    for (const name of [11, 12]) {
      await at.check("sock_getsockopt/5", [fd, SO, name, DATA, 16], SUCCESS, { [DATA]: le([0, 8], [0, 8]) });
      await at.check("sock_setsockopt/5", [fd, SO, name, at.put(OTHER, le([3, 8], [999_999, 8])), 16], SUCCESS);
      await at.check("sock_getsockopt/5", [fd, SO, name, DATA, 16], SUCCESS, { [DATA]: le([3, 8], [999_999, 8]) });
      for (const [seconds, micros] of [[0, 1_000_000], [0, -1], [-1, 0]] as const) {
        await at.check("sock_setsockopt/5", [fd, SO, name, at.put(OTHER, le([seconds, 8], [micros, 8])), 16], "INVAL");
      }
      for (const size of [0, 4, 15]) {
        await at.check("sock_setsockopt/5", [fd, SO, name, OTHER, size], "INVAL");
        await at.check("sock_getsockopt/5", [fd, SO, name, DATA, size], "INVAL");
      }
    }
  });

  test("have a length by value, up to 16, or by pointer, which is set to what was used", async () => {
    const at = await start();
    const fd = await at.open();
    for (const length of [0, 3]) await at.check("sock_getsockopt/5", [fd, SO, 1, DATA, length], "INVAL");
    for (const length of [4, 8, 16]) {
      await at.check("sock_getsockopt/5", [fd, SO, 1, DATA, length], SUCCESS, { [DATA]: le([2, 4]) });
    }
    for (const ptr of [17, 20, RESULT, lastOf(4)]) {
      at.put(ptr, le([100, 4]));
      await at.check("sock_getsockopt/5", [fd, SO, 1, DATA, ptr], SUCCESS, { [ptr]: le([4, 4]) });
      at.put(ptr, le([3, 4]));
      await at.check("sock_getsockopt/5", [fd, SO, 1, DATA, ptr], "INVAL");
    }
    at.put(RESULT, le([16, 4]));
    await at.check("sock_getsockopt/5", [fd, SO, 11, DATA, RESULT], SUCCESS, { [DATA]: le([0, 16]) });
    for (const ptr of [lastOf(3), MEMORY_SIZE, -1]) {
      await at.check("sock_getsockopt/5", [fd, SO, 1, DATA, ptr], "FAULT");
    }
  });

  test("that are not known are NOPROTOOPT, on a socket", async () => {
    const at = await start();
    const fd = await at.open();
    const unknown = [[SO, 14], [SO, 15], [SO, -1], [TCP, 2], [1, 7], [-1, 0], [41, 1], [SO, 3.5 | 0x100]];
    for (const [level, name] of unknown) {
      await at.check("sock_getsockopt/5", [fd, level!, name!, DATA, 4], "NOPROTOOPT");
      await at.check("sock_setsockopt/5", [fd, level!, name!, DATA, 4], "NOPROTOOPT");
      await at.check("sock_getsockopt/5", [1, level!, name!, DATA, 4], "NOTSOCK");
      await at.check("sock_setsockopt/5", [99, level!, name!, DATA, 4], "BADF");
    }
    await at.check("sock_setsockopt/5", [fd, SO, 1, at.put(OTHER, le([1, 4])), 4], "NOPROTOOPT");
    await at.check("sock_setsockopt/5", [fd, SO, 7, OTHER, 3], "INVAL");
  });

  test("ERROR is taken once, and not if it could not be stored", async () => {
    const at = await start();
    const fd = await at.open();
    await at.must("fd_fdstat_set_flags", fd, 4);
    expect(await at.call("sock_connect/3", fd, at.record(LOCALHOST), 9)).toBe("INPROGRESS");
    await new Promise((resolve) => setTimeout(resolve, 2));
    await at.check("sock_getsockopt/5", [fd, SO, 2, lastOf(3), 4], "FAULT");
    await at.check("sock_getsockopt/5", [fd, SO, 2, DATA, 4], SUCCESS, { [DATA]: le([14, 4]) });
    await at.check("sock_getsockopt/5", [fd, SO, 2, DATA, 4], SUCCESS, { [DATA]: le([0, 4]) });
  });
});
