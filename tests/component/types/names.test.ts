/** Names of imports and exports. */

import { describe, expect, test } from "vitest";
import { isLabel, isVersion, parseName, uniqueForm } from "../../../src/component/types/names/names.ts";

describe("labels", () => {
  test.each(["a", "a-b-c", "a1-2-3", "A", "A-B-C", "A1-2-3", "a11-w0rds", "m1x3d-4CR0NYMS", "is-XML"])(
    "%s",
    (label) => {
      expect(isLabel(label)).toBe(true);
    },
  );

  test.each(["", "1-2-3", "a-", "-a", "a--b", "aB", "a_b", "a.b", "é", "a\n", "XMl"])("not %j", (label) => {
    expect(isLabel(label)).toBe(false);
  });
});

describe("versions", () => {
  test.each(["0.0.0", "1.2.3", "0.2.0-rc-2023-11-10", "1.0.0-alpha.1", "1.0.0+20130313144700", "1.0.0-0A.is.legal"])(
    "%s",
    (version) => {
      expect(isVersion(version)).toBe(true);
    },
  );

  test.each(["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "v1.2.3"])(
    "not %j",
    (text) => {
      expect(isVersion(text)).toBe(false);
    },
  );
});

test("names are taken apart", () => {
  expect(parseName("get-JSON")).toEqual({ kind: "label" });
  expect(parseName("[constructor]my-thing")).toEqual({ kind: "constructor", resource: "my-thing" });
  expect(parseName("[method]thing.do-it")).toEqual({ kind: "method", resource: "thing", member: "do-it" });
  expect(parseName("[static]thing.do-it")).toEqual({ kind: "static", resource: "thing", member: "do-it" });
  const streams = { kind: "interface", namespace: "wasi", package: "io", interface: "streams" };
  expect(parseName("wasi:io/streams")).toEqual({ ...streams, version: undefined });
  expect(parseName("wasi:io/streams@0.2.1")).toEqual({ ...streams, version: "0.2.1" });
  expect(parseName("wasi:io/streams@0.2")).toEqual({ ...streams, version: "0.2" });
});

test.each([
  "",
  "a/b",
  "a:b",
  "a:b/c/d",
  "a:b:c/d",
  "A:b/c",
  "a:b/c@",
  "a:b/c@1.2.3.4",
  "[method]a",
  "[method]a.b.c",
  "[x]a",
])(
  "%j is no name",
  (name) => {
    expect(parseName(name)).toBeUndefined();
  },
);

test("names that differ only in what bindings drop are the same", () => {
  expect(uniqueForm("foo-BAR")).toBe(uniqueForm("FOO-bar"));
  expect(uniqueForm("[method]foo.bar")).toBe(uniqueForm("[static]foo.BAR"));
  expect(uniqueForm("[method]foo.foo")).toBe(uniqueForm("foo"));
  expect(uniqueForm("[constructor]foo")).not.toBe(uniqueForm("foo"));
  expect(uniqueForm("[method]foo.bar")).not.toBe(uniqueForm("bar"));
});
