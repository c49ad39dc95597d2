/** What all definitions of one guest share while they are linked. */

import { Codecs } from "../../abi/codecs.ts";
import type { Store } from "../store.ts";
import type { TrampolineModules } from "./trampoline_modules.ts";

/** What all definitions of one guest share while they are linked. */
export class Linking {
  /** What all instances share. */
  readonly store: Store;
  /** Compiled trampolines. */
  readonly trampolines: TrampolineModules;
  /** For calls to functions of the host with values of JavaScript. */
  readonly values: Codecs = new Codecs();
  /** For calls from component to component. */
  readonly spans: Codecs = new Codecs({ areSpans: true });
  #wait: WebAssembly.ImportValue | undefined;

  /**
   * Make it.
   *
   * @param store What all instances share.
   * @param trampolines Compiled trampolines.
   */
  constructor(store: Store, trampolines: TrampolineModules) {
    this.store = store;
    this.trampolines = trampolines;
  }

  /** The only import of the guest that suspends it: the wait that was requested last. */
  get wait(): WebAssembly.ImportValue {
    return this.#wait ??= this.#suspendingWait();
  }

  #suspendingWait(): WebAssembly.ImportValue {
    const { store } = this;
    const { outcome, stacks } = store;
    const wait = (): void | Promise<void> => {
      try {
        store.canSuspend = false;
        return store.wait()?.then(undefined, outcome.fail);
      } catch (error) {
        return outcome.fail(error);
      }
    };
    return stacks === undefined ? wait : stacks.suspending(wait);
  }

  /** The stack goes on after the wait. */
  readonly resumed = (): void => {
    this.store.canSuspend = true;
    this.store.outcome.check();
  };
}
