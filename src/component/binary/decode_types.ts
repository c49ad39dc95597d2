/** Decodes types. */

import { decodeCoreType, decodeCoreValueType } from "./decode_core_types.ts";
import { decodeAlias, decodeExternName } from "./decode_sorts.ts";
import { InvalidComponentError } from "./invalid_component.ts";
import type {
  CaseExpression,
  ComponentTypeExpression,
  Declaration,
  ExternType,
  FunctionTypeExpression,
  LabelledType,
  ResourceTypeExpression,
  TypeReference,
} from "./model_types.ts";
import type { PrimitiveKind } from "./primitive_kind.ts";
import type { Reader } from "./reader.ts";
import { unknownCode, unsupported, VALUES } from "./unsupported.ts";

const PRIMITIVE_KINDS: Readonly<Record<number, PrimitiveKind>> = {
  0x7f: "bool",
  0x7e: "s8",
  0x7d: "u8",
  0x7c: "s16",
  0x7b: "u16",
  0x7a: "s32",
  0x79: "u32",
  0x78: "s64",
  0x77: "u64",
  0x76: "f32",
  0x75: "f64",
  0x74: "char",
  0x73: "string",
  0x64: "error-context",
};

/** Decode the definition of a type. */
export function decodeType(reader: Reader): ComponentTypeExpression {
  const { offset } = reader;
  const code = reader.byte("a type");
  const primitive = PRIMITIVE_KINDS[code];
  if (primitive !== undefined) return { kind: "primitive", primitive };
  switch (code) {
    case 0x72:
      return { kind: "record", fields: reader.list("fields", decodeLabelledType) };
    case 0x71:
      return { kind: "variant", cases: reader.list("cases", decodeCase) };
    case 0x70:
      return { kind: "list", element: decodeTypeReference(reader), length: undefined };
    case 0x67: {
      const element = decodeTypeReference(reader);
      return { kind: "list", element, length: reader.u32("the length of a list") };
    }
    case 0x6f:
      return { kind: "tuple", types: reader.list("elements of a tuple", decodeTypeReference) };
    case 0x6e:
      return { kind: "flags", labels: reader.list("flags", decodeLabel) };
    case 0x6d:
      return { kind: "enum", labels: reader.list("cases", decodeLabel) };
    case 0x6b:
      return { kind: "option", some: decodeTypeReference(reader) };
    case 0x6a: {
      const ok = decodeOptionalReference(reader);
      return { kind: "result", ok, error: decodeOptionalReference(reader) };
    }
    case 0x69:
      return { kind: "own", resource: reader.u32("a type index") };
    case 0x68:
      return { kind: "borrow", resource: reader.u32("a type index") };
    case 0x66:
      return { kind: "stream", element: decodeOptionalReference(reader) };
    case 0x65:
      return { kind: "future", element: decodeOptionalReference(reader) };
    case 0x63: {
      const key = decodeTypeReference(reader);
      return { kind: "map", key, value: decodeTypeReference(reader) };
    }
    case 0x43:
    case 0x40:
      return decodeFunctionType(reader, code === 0x43);
    case 0x42:
    case 0x41:
      return decodeScopeType(reader, code === 0x42 ? "instance" : "component");
    case 0x3f:
      return decodeResourceType(reader);
    default:
      throw unknownCode("a type", code, offset);
  }
}

/** Decode a type of values: a primitive type or an index. */
function decodeTypeReference(reader: Reader): TypeReference {
  const { offset } = reader;
  const primitive = PRIMITIVE_KINDS[reader.peek("a value type")];
  if (primitive !== undefined) {
    reader.byte("a value type");
    return primitive;
  }
  const index = reader.s33("a type index");
  if (index < 0) throw new InvalidComponentError(`${index} is not the code of a primitive type`, offset);
  return index;
}

/** Decode the result of a function. */
export function decodeResult(reader: Reader): TypeReference | undefined {
  const { offset } = reader;
  const code = reader.byte("the form of a result");
  switch (code) {
    case 0x00:
      return decodeTypeReference(reader);
    case 0x01:
      reader.expect(0x00, "the number of named results");
      return undefined;
    default:
      throw unknownCode("a form of a result", code, offset);
  }
}

/** Decode the type of an import or an export. */
export function decodeExternType(reader: Reader): ExternType {
  const { offset } = reader;
  const code = reader.byte("the sort of an extern type");
  switch (code) {
    case 0x00:
      reader.expect(0x11, "the core sort of an extern type");
      return { sort: "core module", type: reader.u32("a core type index") };
    case 0x01:
      return { sort: "func", type: reader.u32("a type index") };
    case 0x02:
      throw unsupported(VALUES, offset);
    case 0x03:
      return { sort: "type", equal: reader.flag("the bound of a type") ? undefined : reader.u32("a type index") };
    case 0x04:
      return { sort: "component", type: reader.u32("a type index") };
    case 0x05:
      return { sort: "instance", type: reader.u32("a type index") };
    default:
      throw unknownCode("the sort of an extern type", code, offset);
  }
}

function decodeOptionalReference(reader: Reader): TypeReference | undefined {
  return reader.optional("a value type", decodeTypeReference);
}

function decodeLabel(reader: Reader): string {
  return reader.name("a label");
}

function decodeLabelledType(reader: Reader): LabelledType {
  const name = decodeLabel(reader);
  return { name, type: decodeTypeReference(reader) };
}

function decodeCase(reader: Reader): CaseExpression {
  const name = decodeLabel(reader);
  const type = decodeOptionalReference(reader);
  reader.expect(0x00, "the end of a case");
  return { name, type };
}

function decodeFunctionType(reader: Reader, isAsync: boolean): FunctionTypeExpression {
  const params = reader.list("parameters", decodeLabelledType);
  return { kind: "func", isAsync, params, result: decodeResult(reader) };
}

function decodeResourceType(reader: Reader): ResourceTypeExpression {
  const { offset } = reader;
  const representation = decodeCoreValueType(reader);
  if (representation === "i64") throw unsupported("resources represented by an i64", offset);
  if (representation !== "i32") {
    throw new InvalidComponentError(`resources can only be represented by i32, not ${representation}`, offset);
  }
  return { kind: "resource", destructor: reader.optional("a destructor", () => reader.u32("a core function index")) };
}

function decodeScopeType(reader: Reader, kind: "instance" | "component"): ComponentTypeExpression {
  const declarations = reader.nested(() =>
    reader.list(
      `declarations of ${kind === "instance" ? "an" : "a"} ${kind} type`,
      () => decodeDeclaration(reader, kind),
    )
  );
  return { kind, declarations };
}

function decodeDeclaration(reader: Reader, kind: "instance" | "component"): Declaration {
  const { offset } = reader;
  const code = reader.byte("a declaration");
  switch (code) {
    case 0x00:
      return { kind: "core-type", offset, type: decodeCoreType(reader) };
    case 0x01:
      return { kind: "type", offset, type: decodeType(reader) };
    case 0x02:
      return decodeAlias(reader);
    case 0x03:
    case 0x04: {
      if (code === 0x03 && kind === "instance") {
        throw new InvalidComponentError("an instance type has an import", offset);
      }
      const name = decodeExternName(reader);
      return { kind: code === 0x03 ? "import" : "export", offset, ...name, type: decodeExternType(reader) };
    }
    default:
      throw unknownCode("a declaration", code, offset);
  }
}
