/** What the command says about a guest while it runs and when it has ended, each thing once. */

import type { ReadModule } from "../../runtime/module/load.ts";
import type { Refusal, RunResult } from "../../runtime/options/options.ts";
import { goLookupHint, goNetworkHint } from "./go_network.ts";
import { missingPreopenText, refusalText } from "./hints.ts";
import type { CommandHost } from "../host/host.ts";

/** The hints about one guest. */
export class GuestHints {
  readonly #host: CommandHost;
  readonly #module: ReadModule;
  readonly #args: readonly string[];
  #saidPreopen = false;
  #saidNetwork = false;

  /**
   * @param host Where they are printed.
   * @param module Module of the guest.
   * @param args Its arguments, among which may be what was meant for the command.
   */
  constructor(host: CommandHost, module: ReadModule, args: readonly string[]) {
    this.#host = host;
    this.#module = module;
    this.#args = args;
  }

  /**
   * The guest named a path that no mount holds; it sees no more than "Bad file number".
   *
   * @param path The path.
   */
  missingPreopen(path: string): void {
    const lookup = goLookupHint(path, this.#module);
    if (lookup !== undefined) return this.#network(lookup);
    if (this.#saidPreopen) return;
    this.#saidPreopen = true;
    const hint = missingPreopenText(path, this.#host, this.#host.whereOptionsGo);
    this.#say(`${hint}${this.#misplaced("--dir")}`);
  }

  /**
   * The rules on the network refused something.
   *
   * @param refusal What.
   */
  refused(refusal: Refusal): void {
    this.#say(`${refusalText(refusal, this.#host.whereOptionsGo)}${this.#misplaced("--allow-net")}`);
  }

  /** What to add if the option was given, but behind the module. */
  #misplaced(option: string): string {
    if (!this.#args.some((word) => word === option || word.startsWith(`${option}=`))) return "";
    return ` (the ${option} behind the module was handed to the guest: write it in front)`;
  }

  /**
   * The guest has ended.
   *
   * @param result How.
   * @param said The end of its standard error.
   */
  ended(result: RunResult, said: string): void {
    const hint = goNetworkHint(result, this.#module, said);
    if (hint !== undefined) this.#network(hint);
  }

  #network(hint: string): void {
    if (this.#saidNetwork) return;
    this.#saidNetwork = true;
    this.#say(hint);
  }

  #say(text: string): void {
    this.#host.warn(`wasirun: ${text}\n`);
  }
}
