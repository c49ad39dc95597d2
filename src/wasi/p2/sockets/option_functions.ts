/** The getters and setters of socket options. */

import type { HostFunction } from "../../../component/link/function.ts";
import { doneValue, failureValue, fallible, valueFunction } from "./guest_sockets.ts";
import type { SocketOptionName } from "./socket_options.ts";

/** How an option looks to a guest: an integer, or a duration in ns of an option that counts seconds. */
export interface OptionView {
  /** The option. */
  readonly option: SocketOptionName;
  /** Its WIT type. */
  readonly kind: "u8" | "u32" | "u64" | "duration";
}

/** A socket with options. */
interface OptionHolder {
  option(name: SocketOptionName): number;
  setOption(name: SocketOptionName, value: number): number;
}

const NS_PER_S = 1_000_000_000n;

/**
 * The getter and the setter of each option.
 *
 * @param self The first parameter as text.
 * @param views The options by the WIT name of their getter.
 */
export function optionFunctions(
  self: string,
  views: Readonly<Record<string, OptionView>>,
): Record<string, HostFunction> {
  const functions: Record<string, HostFunction> = {};
  for (const [name, view] of Object.entries(views)) {
    const type = view.kind === "duration" ? "u64" : view.kind;
    functions[name] = valueFunction(() => fallible(self, type), ([socket]) => {
      const value = (socket as OptionHolder).option(view.option);
      return value < 0 ? failureValue(value) : { tag: "ok", val: shown(value, view) };
    });
    functions[`set-${name}`] = valueFunction(
      () => fallible(`${self}, value: ${type}`),
      ([socket, value]) => doneValue((socket as OptionHolder).setOption(view.option, stored(value, view))),
    );
  }
  return functions;
}

function shown(value: number, { kind }: OptionView): number | bigint {
  if (kind === "duration") return BigInt(value) * NS_PER_S;
  return kind === "u64" ? BigInt(value) : value;
}

/** Seconds are whole: a part of one is none, but 0 only if the guest says 0. */
function stored(value: unknown, { kind }: OptionView): number {
  if (kind !== "duration") return Number(value);
  const ns = value as bigint;
  return ns > 0n && ns < NS_PER_S ? 1 : Number(ns / NS_PER_S);
}
