/** `HOST:PORT`. */

import { describe, expect, test } from "vitest";
import { parseDnsServer, readDnsServer } from "../../src/core/net/dns/server_address.ts";
import { addressText } from "../../src/contract/address.ts";
import { parsePort, splitHostPort } from "../../src/text/host_port.ts";

describe("a host and a port", () => {
  test.each([
    ["", { host: "", isBracketed: false, port: undefined }],
    ["host", { host: "host", isBracketed: false, port: undefined }],
    ["host:80", { host: "host", isBracketed: false, port: "80" }],
    ["host:", { host: "host", isBracketed: false, port: "" }],
    [":80", { host: "", isBracketed: false, port: "80" }],
    ["[::1]", { host: "::1", isBracketed: true, port: undefined }],
    ["[::1]:80", { host: "::1", isBracketed: true, port: "80" }],
    ["[]:80", { host: "", isBracketed: true, port: "80" }],
    ["::1", undefined],
    ["::1:80", undefined],
    ["[::1", undefined],
    ["[::1]80", undefined],
    ["x[::1]:80", undefined],
    ["host:80:80", undefined],
  ])("%j is %j", (text, parts) => {
    expect(splitHostPort(text)).toEqual(parts);
  });

  test.each([["0", 0], ["80", 80], ["00080", 80], ["65535", 65535], ["65536", undefined], ["100000", undefined]])(
    "the port %s is %s",
    (text, port) => expect(parsePort(text)).toBe(port),
  );

  test.each(["", " 80", "8o", "-1", "+80", "0x50", "8.0"])("%j is no port", (text) => {
    expect(parsePort(text)).toBeUndefined();
  });
});

describe("the address of a DNS server", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1:53"],
    ["192.0.2.1:5353", "192.0.2.1:5353"],
    ["2001:db8::1", "[2001:db8::1]:53"],
    ["[2001:db8::1]", "[2001:db8::1]:53"],
    ["[2001:db8::1]:5353", "[2001:db8::1]:5353"],
  ])("%s is %s", (text, address) => {
    expect(addressText(parseDnsServer(text))).toBe(address);
  });

  test.each(["", "dns.test", "dns.test:53", "192.0.2.1:0", "192.0.2.1:", "[192.0.2.1]:53", "[::1", "::1:x"])(
    "%j is none",
    (text) => expect(readDnsServer(text)).toBeUndefined(),
  );
});
