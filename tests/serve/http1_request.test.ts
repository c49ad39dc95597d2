import { describe, expect, test } from "vitest";
import { requestFraming, requestHead } from "../../src/core/http1/request_head.ts";

/** What stands of a `Request`, without what a runtime's own class corrects. */
function request(
  { url = "http://app.test/", method = "GET", headers = {}, body = null }: {
    url?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string | null;
  },
): Request {
  const fields = new Map(Object.entries(headers));
  const raw = {
    url,
    method,
    headers: { [Symbol.iterator]: () => fields.entries(), get: (name: string) => fields.get(name) ?? null },
    body,
  };
  return raw as unknown as Request;
}

function lines(from: Parameters<typeof request>[0]): string[] {
  const made = request(from);
  const head = requestHead(made, requestFraming(made));
  expect(head.endsWith("\r\n\r\n")).toBe(true);
  return head.slice(0, -4).split("\r\n");
}

describe("the head of a request", () => {
  test.each([
    ["http://app.test/", "/", "app.test"],
    ["http://app.test/a/b?c=d&e", "/a/b?c=d&e", "app.test"],
    ["https://app.test:8443/a#fragment", "/a", "app.test:8443"],
    ["http://app.test", "/", "app.test"],
    ["http://app.test?q", "/?q", "app.test"],
    ["http://user:word@app.test/a", "/a", "app.test"],
    ["http://[::1]:80/x", "/x", "[::1]:80"],
    ["http://app.test//double//", "//double//", "app.test"],
    ["http://app.test/a b\u00e9", "/a%20b%C3%A9", "app.test"],
    ["http://app.test/a\r\nX: y", "/aX:%20y", "app.test"],
  ])("has target and host of %s", (url, target, host) => {
    expect(lines({ url }).slice(0, 2)).toEqual([`GET ${target} HTTP/1.1`, `host: ${host}`]);
  });

  test("has the Host of the request where there is one", () => {
    expect(lines({ headers: { host: "public.test" } })).toEqual(["GET / HTTP/1.1", "host: public.test"]);
  });

  test("lacks what belongs to one hop, what Connection names, and Expect", () => {
    const headers = {
      "connection": "keep-alive, X-Secret",
      "keep-alive": "timeout=5",
      "proxy-connection": "close",
      "te": "trailers",
      "trailer": "x",
      "transfer-encoding": "chunked",
      "upgrade": "websocket",
      "expect": "100-continue",
      "x-secret": "1",
      "x-kept": "2",
      "cookie": "a=b",
    };
    expect(lines({ headers }).slice(2)).toEqual(["x-kept: 2", "cookie: a=b"]);
  });

  test.each([
    ["GET", null, {}, []],
    ["GET", null, { "content-length": "5" }, []],
    ["POST", null, {}, ["content-length: 0"]],
    ["POST", "body", {}, ["transfer-encoding: chunked"]],
    ["POST", "body", { "content-length": "4" }, ["content-length: 4"]],
    ["PUT", "body", { "content-length": "4, 4" }, ["transfer-encoding: chunked"]],
    ["PUT", "body", { "content-length": "-4" }, ["transfer-encoding: chunked"]],
    ["QUERY", "body", { "transfer-encoding": "gzip" }, ["transfer-encoding: chunked"]],
  ])("%s with body %j and %j: %j", (method, body, headers, expected) => {
    expect(lines({ method, body, headers: headers as Record<string, string> }).slice(2)).toEqual(expected);
  });

  test.each([
    ["a method with a space", { method: "GET /x" }],
    ["a value with a line end", { headers: { a: "b\r\nc: d" } }],
    ["a value beyond Latin-1", { headers: { a: "\u2713" } }],
    ["a host with a line end", { headers: { host: "a\r\nb: c" } }],
  ])("is refused with %s", (_name, from) => {
    expect(() => lines(from)).toThrow(TypeError);
  });
});
