/** Call contexts of canonical definitions. */

import { CallContext, type Realloc } from "../../abi/context.ts";
import type { CanonOptions } from "../../binary/model_canon.ts";
import type { ComponentInstance } from "../component_instance.ts";
import type { LinkScope } from "../link_scope.ts";

/** Makes one context for each combination of options that a component uses. */
export class CallContexts {
  readonly #scope: LinkScope;
  readonly #instance: ComponentInstance;
  readonly #made: Map<string, CallContext> = new Map();

  /**
   * Make it.
   *
   * @param scope What the indices of the options refer to.
   * @param instance The instance that lifts and lowers.
   */
  constructor(scope: LinkScope, instance: ComponentInstance) {
    this.#scope = scope;
    this.#instance = instance;
  }

  /**
   * The context of a definition.
   *
   * @param options Its options.
   * @param offset Where it stands, for messages.
   */
  of({ memory, realloc, encoding }: CanonOptions, offset: number): CallContext {
    const key = `${memory} ${realloc} ${encoding}`;
    let cx = this.#made.get(key);
    if (cx === undefined) {
      const { core } = this.#scope;
      cx = new CallContext(this.#instance, {
        encoding,
        memory: memory === undefined ? undefined : core["core memory"].get(memory, offset),
        realloc: realloc === undefined ? undefined : (core["core func"].get(realloc, offset) as Realloc),
      });
      this.#made.set(key, cx);
    }
    return cx;
  }
}
