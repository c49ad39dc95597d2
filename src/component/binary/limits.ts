/**
 * Limits on what a component may declare, beside those of the specification. They bound time and memory for any input;
 * components of today's toolchains stay far below.
 *
 * @module
 */

/** How deep components, declarations of types and types of values may nest. */
export const MAX_NESTING = 100;

/** Items of all lists of a binary: definitions, names, fields, parameters, and so on. */
export const MAX_ITEMS = 1_000_000;

/** Imports and exports of all types of instances and components, counted each time that one is used. */
export const MAX_EVALUATED_NAMES = 1_000_000;

/** Bytes of a name. */
export const MAX_NAME_BYTES = 100_000;

/** Bytes of a value in memory, exclusive; the limit of the specification, for pointers of 64 bits. */
export const MAX_VALUE_BYTES: number = 2 ** 28;
