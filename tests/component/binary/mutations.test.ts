/** Whatever a binary is, it is decoded and validated, or refused by an error of one class. */

import { describe, expect, test } from "vitest";
import { decodeComponent } from "../../../src/component/binary/decode.ts";
import { InvalidComponentError } from "../../../src/component/binary/invalid_component.ts";
import { validateComponent } from "../../../src/component/validate/validate.ts";
import { corpus } from "./corpus.ts";
import { mutated, Random } from "./mutations.ts";

/** WASIRUN_MUTATIONS=1000000 takes minutes. */
const MUTATIONS = Number(process.env["WASIRUN_MUTATIONS"] ?? 4000);
const SEED = Number(process.env["WASIRUN_SEED"] ?? 1);
/** Cuts of a binary; the larger ones are cut at every so many bytes. */
const MOST_CUTS = 500;

const components = [...await corpus()];

/** What becomes of a binary: `valid`, or the message of the error that is to be expected. */
function outcome(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    validateComponent(decodeComponent(bytes));
    return "valid";
  } catch (error) {
    if (error instanceof InvalidComponentError) return error.message;
    throw error;
  }
}

describe("decoding and validation", () => {
  test.each(components)("%s is valid", (_, bytes) => {
    expect(outcome(bytes)).toBe("valid");
  });

  test.each(components)("%s is refused wherever it is cut", (_, bytes) => {
    const step = Math.ceil(bytes.length / MOST_CUTS);
    for (let length = 0; length < bytes.length; length += step) {
      const cut = outcome(bytes.slice(0, length));
      // After a section a shorter component may end.
      if (cut !== "valid") expect(cut).toMatch(/^Invalid component: .* \(at offset 0x[0-9a-f]+\)$/);
    }
  });

  test(`${MUTATIONS} mutations are decoded or refused`, { timeout: 3_600_000 }, () => {
    const random = new Random(SEED);
    let valid = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const [, bytes] = components[random.below(components.length)]!;
      const [, other] = components[random.below(components.length)]!;
      const binary = mutated(bytes, other, random);
      try {
        if (outcome(binary) === "valid") valid++;
      } catch (error) {
        throw new Error(`Mutation ${i} of seed ${SEED}: ${Buffer.from(binary).toString("hex")}`, { cause: error });
      }
    }
    expect(valid).toBeLessThan(MUTATIONS);
  });
});
