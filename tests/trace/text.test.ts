/** How values are shown. */

import { describe, expect, test } from "vitest";
import { eventRows, subscriptionRows } from "../../src/preview1/abi/layout.ts";
import { Family, LINGER_OFF, SocketOption } from "../../src/contract/network.ts";
import { flagText, nameText, rightsText } from "../../src/preview1/trace/flag_text.ts";
import { eventsText, subscriptionsText } from "../../src/preview1/trace/poll_text.ts";
import { endpointText, optionText } from "../../src/preview1/trace/socket_text.ts";
import { listText, quoted, quotedBytes, stringsText } from "../../src/preview1/trace/string_text.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Oflags, Rights, RIGHTS_ALL, Whence } from "../../src/witx/types.ts";

test("a value has its name, or is its number", () => {
  expect(nameText(Whence, 2)).toBe("END");
  expect(nameText(Whence, 3)).toBe("3");
});

test("flags have their names, and unknown bits are hexadecimal", () => {
  expect(flagText(Oflags, 9)).toBe("CREAT|TRUNC");
  expect(flagText(Oflags, 0)).toBe("0");
  expect(flagText(Oflags, 0x8004)).toBe("EXCL|0x8000");
  expect(flagText(Oflags, -1)).toBe("CREAT|DIRECTORY|EXCL|TRUNC|0xfffffff0");
});

test.each([
  [0n, "0"],
  [BigInt(Rights.FD_READ | Rights.FD_SEEK), "FD_READ|FD_SEEK"],
  [BigInt(RIGHTS_ALL), "ALL"],
  [BigInt(RIGHTS_ALL & ~Rights.FD_WRITE), "ALL-FD_WRITE"],
  [0x40000001n, "FD_DATASYNC|0x40000000"],
  [0xffffffffn, "ALL|0xc0000000"],
  [-1n, "~0"],
  [0x80000001n, "FD_DATASYNC|0x80000000"],
  [~BigInt(Rights.FD_READ), "~FD_READ"],
  [~BigInt(Rights.FD_READ | Rights.FD_WRITE), "~(FD_READ|FD_WRITE)"],
])("rights of %d are %s", (value, expected) => {
  expect(rightsText(value)).toBe(expected);
});

describe("strings", () => {
  test("are quoted, and do nothing to a terminal", () => {
    expect(quoted('a "b"\\\n\u001b[31m')).toBe('"a \\"b\\"\\\\\\n\\u001b[31m"');
    expect(quoted("\u007f\u009b\u202e\u2028\ufeff")).toBe('"\\u007f\\u009b\\u202e\\u2028\\ufeff"');
    expect(quoted("äöü 日本 🦊")).toBe('"äöü 日本 🦊"');
    expect(quoted("\ud800")).toBe('"\\ud800"');
  });

  test("are cut when they are long, and then say so", () => {
    expect(quoted("a".repeat(256))).toBe(`"${"a".repeat(256)}"`);
    expect(quoted("a".repeat(257))).toBe(`"${"a".repeat(256)}"...`);
    expect(quotedBytes(new Uint8Array(1 << 20).fill(97))).toBe(`"${"a".repeat(256)}"...`);
    expect(quotedBytes(new TextEncoder().encode("日".repeat(257)))).toBe(`"${"日".repeat(256)}"...`);
  });

  test("of bytes keep what is at their start, and have an escape for what is not UTF-8", () => {
    expect(quotedBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 97, 0xff))).toBe('"\\ufeffa\\xff"');
    expect(quoted("\udcc3\\udcff\\\\\udc80\ud800")).toBe('"\\xc3\\\\udcff\\\\\\\\\\x80\\ud800"');
  });

  test("of lists lose the NUL at their end", () => {
    expect(stringsText(["a\0", "\0"].map((text) => new TextEncoder().encode(text)))).toBe('["a", ""]');
    expect(listText(5, 3, String)).toBe("[0, 1, 2, ... 2 more]");
    expect(listText(0, 3, String)).toBe("[]");
  });
});

test("subscriptions and events are compact", () => {
  const subscriptions = subscriptionRows(20);
  const events = eventRows(20);
  subscriptions.count = 4;
  subscriptions.type.set([0, 1, 2, 9]);
  subscriptions.fd.set([0, 7, 8, 5]);
  subscriptions.clockid.set([0]);
  subscriptions.timeout.set([1.7e18]);
  subscriptions.flags.set([1]);
  expect(subscriptionsText(subscriptions)).toBe(
    "[CLOCK REALTIME 1700000000000000000 ABSTIME, FD_READ 7, FD_WRITE 8, 9 5]",
  );
  events.count = 4;
  events.index.set([2, 0, 1, 3]);
  events.error.set([0, 0, 0, Errno.NOTSUP]);
  events.nbytes.set([0, 0, 12, 0]);
  events.flags.set([0, 0, 1, 0]);
  expect(eventsText(events, subscriptions)).toBe("[FD_WRITE 8, CLOCK, FD_READ 7: 12 bytes HANGUP, 9 5: NOTSUP]");
  subscriptions.count = 20;
  expect(subscriptionsText(subscriptions)).toMatch(/, \.\.\. 4 more\]$/);
});

test("addresses and options are as people write them", () => {
  expect(endpointText({ family: Family.INET6, host: "::1", port: 80 })).toBe("[::1]:80");
  expect(endpointText({ family: Family.UNIX, host: "/a\n", port: 0 })).toBe('"unix:/a\\n"');
  expect(optionText(SocketOption.ERROR, Errno.CONNRESET)).toBe("CONNRESET");
  expect(optionText(SocketOption.ERROR, 0)).toBe("0");
  expect(optionText(SocketOption.TYPE, 2)).toBe("STREAM");
  expect(optionText(SocketOption.LINGER, LINGER_OFF)).toBe("off");
  expect(optionText(SocketOption.RCVBUF, 4096)).toBe("4096");
});
