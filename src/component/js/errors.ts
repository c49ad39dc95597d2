/** Errors that are results of functions. */

/**
 * The error of a function whose result is a `result`: thrown by the exports of a guest. A function of the host may throw
 * one, to return an error to the guest.
 */
export class ComponentError extends Error {
  /** Always `ComponentError`. */
  override readonly name: string = "ComponentError";
  /** The value of the error, as its WIT type is in JavaScript; undefined if the type has none. */
  readonly payload: unknown;

  /**
   * Make the error.
   *
   * @param payload The value of the error.
   */
  constructor(payload?: unknown) {
    super(`The function returned an error${payload === undefined ? "" : `: ${text(payload)}`}`);
    this.payload = payload;
  }
}

function text(payload: unknown): string {
  if (typeof payload === "string") return payload;
  try {
    return JSON.stringify(payload, (_, value: unknown) => typeof value === "bigint" ? `${value}` : value) ??
      typeof payload;
  } catch {
    return typeof payload;
  }
}

/**
 * The payload of what a function of the host has thrown in place of returning the error of a `result`.
 *
 * @param thrown What it threw: an error with a `payload`, or the value itself if that is no `Error`.
 * @returns The payload in an array; undefined for an `Error` without one, which is a mistake of the host.
 */
export function payloadOf(thrown: unknown): readonly [payload: unknown] | undefined {
  if (!(thrown instanceof Error)) return [thrown];
  return "payload" in thrown ? [thrown.payload] : undefined;
}
