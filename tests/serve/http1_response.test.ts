import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Http1Error } from "../../src/core/http1/error.ts";
import type { ResponseHead } from "../../src/core/http1/response_head.ts";
import { ResponseReader } from "../../src/core/http1/response_reader.ts";

interface Read {
  status: number;
  reason: string;
  fields: readonly (readonly string[])[];
  body: string;
  keepsAlive: boolean;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Read one response from pieces, after which the connection ends if `ends`. */
function read(pieces: readonly Uint8Array[], { method = "GET", ends = false } = {}): Read | "incomplete" {
  const reader = new ResponseReader();
  let head: ResponseHead | undefined;
  let body = "";
  let isComplete = false;
  reader.begin(method, {
    head: (read) => {
      if (head !== undefined) throw new Error("two heads");
      head = read;
    },
    body: (piece) => void (body += String.fromCharCode(...piece)),
    end: () => void (isComplete = true),
  });
  for (const piece of pieces) reader.push(piece);
  if (ends) reader.finish();
  if (!isComplete) return "incomplete";
  const { status, reason, fields } = head!;
  return { status, reason, fields, body, keepsAlive: reader.keepsAlive };
}

function readText(text: string, options: { method?: string; ends?: boolean } = {}): Read | "incomplete" {
  return read([latin1(text)], options);
}

/** Every way to cut bytes. */
const cuts = fc.array(fc.nat(400), { maxLength: 12 });

function cut(text: string, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.filter((place) => place < text.length))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => latin1(text.slice(start, places[i] ?? text.length)));
}

const SAMPLES: Readonly<Record<string, [text: string, body: string]>> = {
  length: ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\tb \xe9 \r\n\r\nhello", "hello"],
  chunked: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0A ;a=b;c="d"\r\n0123456789\r\n00\r\nTrailer: x\r\nY: z\r\n\r\n',
    "hello0123456789",
  ],
  interim: [
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length:2\r\n\r\nno",
    "no",
  ],
  empty: ["HTTP/1.1 204 No Content\r\n\r\n", ""],
};

describe("a response read in pieces", () => {
  test.each(Object.entries(SAMPLES))("%s: is the same however it is cut", (_name, [text, body]) => {
    const whole = readText(text);
    expect(whole).toMatchObject({ body, keepsAlive: true });
    fc.assert(fc.property(cuts, (at) => void expect(read(cut(text, at))).toEqual(whole)));
    expect(read(Array.from(text, latin1))).toEqual(whole);
  });

  test.each(Object.entries(SAMPLES))(
    "%s: is incomplete without its last byte, and the end is an error",
    (_, [text]) => {
      expect(readText(text.slice(0, -1))).toBe("incomplete");
      expect(() => readText(text.slice(0, -1), { ends: true })).toThrow(Http1Error);
    },
  );

  test("a chunked body comes out as it went in, whatever the sizes of its chunks", () => {
    const pieces = fc.array(fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), minLength: 1 }));
    fc.assert(fc.property(pieces, cuts, (chunks, at) => {
      const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("") + "0\r\n\r\n";
      const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n${coded}`;
      expect(read(cut(text, at))).toMatchObject({ body: chunks.join("") });
    }));
  });

  test("arbitrary bytes are a response, the beginning of one, or an Http1Error", () => {
    const words = fc.constantFrom(
      "HTTP/1.1 200 OK",
      "\r\n",
      "\r",
      "\n",
      ":",
      "Content-Length: 3",
      "0",
      "f",
      ";",
      " ",
      "x",
    );
    fc.assert(fc.property(fc.array(words), cuts, (parts, at) => {
      try {
        read(cut(parts.join(""), at));
      } catch (error) {
        if (!(error instanceof Http1Error)) throw error;
      }
    }));
  });
});

describe("where a response ends", () => {
  test.each([
    ["at its length", "Content-Length: 2\r\n", "GET", "ok", true],
    ["at its length, told twice", "Content-Length: 2, 2\r\nContent-Length: 2\r\n", "GET", "ok", true],
    ["at once, after HEAD", "Content-Length: 2\r\n", "HEAD", "", true],
    ["at once, after HEAD, chunked", "Transfer-Encoding: chunked\r\n", "HEAD", "", true],
    ["at length 0", "Content-Length: 0\r\n", "GET", "", true],
    ["with a close after it", "Content-Length: 0\r\nConnection: x, Close\r\n", "GET", "", false],
  ])("%s", (_name, fields, method, body, keepsAlive) => {
    expect(readText(`HTTP/1.1 200 OK\r\n${fields}\r\n${body}`, { method })).toMatchObject({ body, keepsAlive });
  });

  test.each([[204, ""], [304, "Content-Length: 100\r\n"]])("at once with status %i", (status, fields) => {
    expect(readText(`HTTP/1.1 ${status}\r\n${fields}\r\n`)).toMatchObject({ status, reason: "", body: "" });
  });

  test("where the connection ends, if nothing else is told", () => {
    const text = "HTTP/1.1 200 OK\r\n\r\nall of it";
    expect(readText(text)).toBe("incomplete");
    expect(readText(text, { ends: true })).toMatchObject({ body: "all of it", keepsAlive: false });
  });

  test.each([
    ["", false],
    ["Connection: keep-alive\r\n", true],
  ])("HTTP/1.0 goes on only if it says so: %j", (fields, keepsAlive) => {
    expect(readText(`HTTP/1.0 200 OK\r\nContent-Length: 0\r\n${fields}\r\n`)).toMatchObject({ keepsAlive });
  });
});

describe("refused", () => {
  const HEAD = "HTTP/1.1 200 OK\r\n";

  test.each([
    ["no status line", "hello\r\n\r\n"],
    ["another protocol", "HTTP/2.0 200 OK\r\n\r\n"],
    ["a version beyond 1", "HTTP/1.10 200 OK\r\n\r\n"],
    ["an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["a control character in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n"],
    ["a lone LF in the status line", "HTTP/1.1 200 OK\nA: b\r\n\r\n"],
    ["a lone LF between fields", `${HEAD}A: b\nC: d\r\n\r\n`],
    ["a lone CR in a value", `${HEAD}A: b\rC: d\r\n\r\n`],
    ["a NUL in a value", `${HEAD}A: b\0\r\n\r\n`],
    ["a folded line", `${HEAD}A: b\r\n c\r\n\r\n`],
    ["space before the colon", `${HEAD}Content-Length : 0\r\n\r\n`],
    ["a field without a name", `${HEAD}: b\r\n\r\n`],
    ["a field without a colon", `${HEAD}hello\r\n\r\n`],
    ["two different lengths", `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ["two different lengths in one field", `${HEAD}Content-Length: 1, 2\r\n\r\n`],
    ["a negative length", `${HEAD}Content-Length: -1\r\n\r\n`],
    ["a length with a sign", `${HEAD}Content-Length: +1\r\n\r\n`],
    ["a hexadecimal length", `${HEAD}Content-Length: 0x10\r\n\r\n`],
    ["an empty length", `${HEAD}Content-Length:\r\n\r\n`],
    ["a length beyond 2^53", `${HEAD}Content-Length: 9999999999999999\r\n\r\n`],
    ["a length and chunks", `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ["an unknown coding", `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ["chunked twice", `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["a change of protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    ["bytes behind the response", `${HEAD}Content-Length: 0\r\n\r\nx`],
    ["a second response", `${HEAD}Content-Length: 0\r\n\r\n${HEAD}Content-Length: 0\r\n\r\n`],
    ["interim responses without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)],
  ])("%s", (_name, text) => {
    expect(() => readText(text)).toThrow(Http1Error);
    expect(() => read(Array.from(text, latin1))).toThrow(Http1Error);
  });

  test.each([
    ["without a size", "\r\n"],
    ["with a sign", "+5\r\nhello\r\n"],
    ["with 0x", "0x5\r\nhello\r\n"],
    ["with an underscore", "0_0\r\n\r\n"],
    ["of an unlikely size", "fffffffffffffff\r\n"],
    ["with many zeros", `${"0".repeat(100)}\r\n\r\n`],
    ["with space before the size", " 5\r\nhello\r\n"],
    ["with space and no extension", "5 \r\nhello\r\n"],
    ["with endless space", `5${" ".repeat(2000)}`],
    ["with a long extension", `5;${"x".repeat(2000)}`],
    ["with a lone LF", "5\nhello\r\n"],
    ["with a lone LF in an extension", "5;a\nb\r\nhello\r\n"],
    ["with a lone CR", "5\rhello\r\n"],
    ["that is too long", "5\r\nhello!\r\n"],
    ["that is too short", "5\r\nhell\r\n0\r\n\r\n"],
    ["with a lone LF behind it", "5\r\nhello\n0\r\n\r\n"],
    ["with a lone LF in the trailers", "0\r\nA: b\n\r\n\r\n"],
    ["with a lone LF as the end", "0\r\n\n"],
    ["with endless trailers", `0\r\n${"A: b\r\n".repeat(20_000)}`],
  ])("a chunk %s", (_name, chunks) => {
    const text = `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
    expect(() => readText(text)).toThrow(Http1Error);
    expect(() => read(Array.from(text, latin1))).toThrow(Http1Error);
  });

  test("a head of more than 64 KiB, as soon as it is, though one of 64 KiB is read", () => {
    const line = (bytes: number): string => `A: ${"x".repeat(bytes - 5)}\r\n`;
    const most = HEAD + line(65_536 - HEAD.length - 23) + "Content-Length: 0\r\n\r\n".padEnd(21);
    expect(most.length).toBeLessThanOrEqual(65_536);
    expect(readText(most)).toMatchObject({ status: 200 });
    expect(() => readText(HEAD + line(70_000))).toThrow(/64|65536/);
    const reader = new ResponseReader();
    reader.begin("GET", { head: () => {}, body: () => {}, end: () => {} });
    expect(() => {
      for (let i = 0; i < 70; i++) reader.push(latin1("x".repeat(1000)));
    }).toThrow(Http1Error);
  });

  test("bytes before a request was sent", () => {
    expect(() => new ResponseReader().push(latin1("HTTP/1.1 408 Request Timeout\r\n\r\n"))).toThrow(Http1Error);
  });
});
