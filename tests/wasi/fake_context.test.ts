/** The harness of the tests of host interfaces. */

import { describe, expect, test } from "vitest";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { InputStream } from "../../src/wasi/p2/io/input_stream.ts";
import type { IoVectors } from "../../src/contract/vectors.ts";
import type { ResourceType } from "../../src/component/link/resource_type.ts";
import { FakeComponent, fakeGuest } from "./fake_context.ts";

describe("a fake component", () => {
  test("calls a function over its memory", () => {
    const component = new FakeComponent(fakeGuest(memoryPlatform({ stdin: "hello" })));
    const streams = "wasi:io/streams@0.2";
    const type = component.find(streams).resources["input-stream"] as unknown as ResourceType<InputStream>;
    const { stdin } = fakeGuest(memoryPlatform({ stdin: "hello" }));
    const vectors: IoVectors = {
      bytes: new Uint8Array(0),
      starts: Uint32Array.of(0),
      lengths: Uint32Array.of(0),
      count: 1,
    };
    const handle = component.own(
      type,
      new InputStream({
        origin: "filesystem",
        pollable: stdin.pollable,
        read: (bytes, start, length) => {
          vectors.bytes = bytes;
          vectors.starts[0] = start;
          vectors.lengths[0] = length;
          return stdin.read(vectors);
        },
      }),
    );
    const result = component.room(12);
    component.call(streams, "[method]input-stream.read", handle, 100n, result);
    expect(component.bytes(result, 1)[0]).toBe(0);
    expect(component.text(result + 4)).toBe("hello");
    component.call(streams, "[method]input-stream.read", handle, 100n, result);
    expect([component.bytes(result, 1)[0], component.bytes(result, 5)[4]]).toEqual([1, 1]);
    component.drop(handle, type);
    expect(() => component.call(streams, "[method]input-stream.read", handle, 100n, result)).toThrow("unknown handle");
  });
});
