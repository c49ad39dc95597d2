/** Codecs by type, each made once. */

import { copyCodec } from "../async/copy/copy_codec.ts";
import { trap } from "../link/trap.ts";
import type { ValueType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import { flagsCodec } from "./flags_codec.ts";
import { fixedListCodec, listCodec, type ListValues, listValues, mapValues } from "./list_codec.ts";
import { SCALAR_CODECS } from "./primitive_codecs.ts";
import { borrowCodec, ownCodec, PLAIN_RESOURCES, type ResourceValues } from "./resource_codec.ts";
import { recordCodec, tupleCodec } from "./sequence_codec.ts";
import { SPAN_CODECS, spanListValues } from "./spans.ts";
import { STRING_CODEC } from "./string_codec.ts";
import { variantCodec } from "./variant_codec.ts";

/** What values become on their way. */
export interface CodecOptions {
  /** What resources are outside of guests; what stands for them by default. */
  readonly resources?: ResourceValues;
  /**
   * True for calls from guest to guest: strings and lists of numbers stay in the memory of the one until they are copied to
   * that of the other.
   */
  readonly areSpans?: boolean;
}

/** Makes codecs, and keeps them by the identity of their types. */
export class Codecs {
  readonly #resources: ResourceValues;
  readonly #areSpans: boolean;
  readonly #made: Map<ValueType, Codec> = new Map();

  /** @param options What values become. */
  constructor(options: CodecOptions = {}) {
    this.#resources = options.resources ?? PLAIN_RESOURCES;
    this.#areSpans = options.areSpans ?? false;
  }

  /** The codec of a type. */
  of(type: ValueType): Codec {
    let codec = this.#made.get(type);
    if (codec === undefined) {
      codec = this.#make(type);
      this.#made.set(type, codec);
    }
    return codec;
  }

  #all(types: readonly ValueType[]): Codec[] {
    return types.map((type) => this.of(type));
  }

  #optional(type: ValueType | undefined): Codec | undefined {
    return type === undefined ? undefined : this.of(type);
  }

  #make(type: ValueType): Codec {
    switch (type.kind) {
      case "list":
        return this.#list(type);
      case "map":
        return listCodec(type, type.entry, mapValues(type, this.of(type.entry)));
      case "record":
        return recordCodec(type, this.#all(type.fields.map((field) => field.type)));
      case "tuple":
        return tupleCodec(type, this.#all(type.types));
      case "flags":
        return flagsCodec(type);
      case "enum":
        return variantCodec(type, type.labels.map(() => undefined));
      case "variant":
      case "option":
      case "result":
        return variantCodec(type, type.cases.map((each) => this.#optional(each.type)));
      case "own":
        return ownCodec(type, this.#resources);
      case "borrow":
        return borrowCodec(type, this.#resources);
      case "stream":
      case "future":
        return copyCodec(type);
      case "string":
        return this.#areSpans ? SPAN_CODECS.string : STRING_CODEC;
      default:
        return SCALAR_CODECS.get(type.kind) ?? unsupported(type);
    }
  }

  #list(type: ValueType & { readonly kind: "list" }): Codec {
    const element = this.of(type.element);
    const values: ListValues = (this.#areSpans ? spanListValues(type) : undefined) ?? listValues(type, element);
    return type.length === undefined ? listCodec(type, type.element, values) : fixedListCodec(type, element, values);
  }
}

/** Types whose values can't be passed yet: a component that has them runs as long as it does not pass one. */
function unsupported(type: ValueType): Codec {
  const refuse = (): never => trap(`values of type ${type.kind} are not supported`);
  return { type, load: refuse, store: refuse, lift: refuse, lower: refuse };
}
