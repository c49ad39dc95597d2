import { expect, test } from "vitest";
import { ERROR_CODES, errorCodeOf, errorNumberOf } from "../../../src/wasi/p2/filesystem/error_code.ts";
import { Errno } from "../../../src/witx/errno.ts";

test("every code is the answer to some errno, and every errno has one", () => {
  const answered = new Set(Object.values(Errno).map((errno) => errorCodeOf(-errno)));
  expect(ERROR_CODES.filter((code) => !answered.has(code))).toEqual([]);
  expect(errorCodeOf(-Errno.IDRM)).toBe("io");
});

test("numbers are those of the enum", () => {
  expect(errorNumberOf(-Errno.ACCES)).toBe(0);
  expect(errorNumberOf(-Errno.NOENT)).toBe(20);
  expect(errorNumberOf(-Errno.XDEV)).toBe(36);
  expect(ERROR_CODES.length).toBe(37);
});
