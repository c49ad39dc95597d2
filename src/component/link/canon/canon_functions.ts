/** Canonical definitions. */

import type { Canon, CanonLift, CanonLower, CanonOfType } from "../../binary/model_canon.ts";
import { InvalidComponentError } from "../../binary/invalid_component.ts";
import { AsyncLiftedFunction } from "../../async/async_lifted_function.ts";
import { AsyncFunctions } from "./async_functions.ts";
import { CallContexts } from "./canon_options.ts";
import type { ComponentInstance } from "../component_instance.ts";
import type { CoreFunction } from "../function.ts";
import { guarded } from "../call/guard.ts";
import { LiftedFunction } from "../call/lifted_function.ts";
import type { Linking } from "../call/linking.ts";
import type { LinkScope } from "../link_scope.ts";
import type { ComponentFunction } from "../component_function.ts";
import { resourceDrop, resourceNew, resourceRep } from "./resource_builtins.ts";
import { ResourceType } from "../resource_type.ts";
import { backpressureDec, backpressureInc, contextGet, contextSet } from "./task_builtins.ts";

/** Makes the functions of the canonical definitions of one component instance. */
export class CanonFunctions {
  readonly #scope: LinkScope;
  readonly #instance: ComponentInstance;
  readonly #linking: Linking;
  readonly #contexts: CallContexts;
  readonly #async: AsyncFunctions;

  /**
   * Make it.
   *
   * @param scope What indices refer to, and what the functions are added to.
   * @param instance The component instance.
   * @param linking What all definitions of the guest share.
   */
  constructor(scope: LinkScope, instance: ComponentInstance, linking: Linking) {
    this.#scope = scope;
    this.#instance = instance;
    this.#linking = linking;
    const contexts = this.#contexts = new CallContexts(scope, instance);
    this.#async = new AsyncFunctions(scope, { instance, linking, contexts });
  }

  /**
   * Add the function of a definition to its index space.
   *
   * @param canon The definition.
   * @param offset Where it stands, for messages.
   */
  define(canon: Canon, offset: number): void {
    if (canon.operation === "lift") this.#scope.functions.add(this.#lift(canon, offset));
    else this.#scope.core["core func"].add(this.#core(canon, offset));
  }

  #lift({ coreFunction, options, type: index }: CanonLift, offset: number): ComponentFunction {
    const functions = this.#scope.core["core func"];
    const type = this.#scope.types.functionType(index, offset);
    const cx = this.#contexts.of(options, offset);
    const core = functions.get(coreFunction, offset);
    const { isAsync } = options;
    const postReturn = options.postReturn === undefined ? undefined : functions.get(options.postReturn, offset);
    if (!type.isAsync) return new LiftedFunction({ type, cx, core, postReturn }, this.#linking);
    const callback = options.callback === undefined ? undefined : functions.get(options.callback, offset);
    return new AsyncLiftedFunction({ type, cx, core, isAsync, callback, postReturn }, this.#linking);
  }

  #lower({ function: index, options }: CanonLower, offset: number): CoreFunction {
    const fn = this.#scope.functions.get(index, offset);
    const cx = this.#contexts.of(options, offset);
    // With the option `async`, the caller never waits.
    if (options.isAsync) return fn.lowerAsync(cx);
    this.#instance.mayWait ||= fn.mayWait;
    return fn.lower(cx);
  }

  #core(canon: Exclude<Canon, CanonLift>, offset: number): CoreFunction {
    const instance = this.#instance;
    switch (canon.operation) {
      case "lower":
        return this.#lower(canon, offset);
      case "resource.new":
        return this.#guarded(resourceNew(instance, this.#ownResource(canon, offset)));
      case "resource.rep":
        return this.#guarded(resourceRep(instance, this.#ownResource(canon, offset)));
      case "resource.drop":
        return this.#guarded(resourceDrop(instance, this.#resource(canon, offset)));
      case "context.get":
        return this.#guarded(contextGet(instance, canon.slot));
      case "context.set":
        return this.#guarded(contextSet(instance, canon.slot));
      case "backpressure.inc":
        return this.#guarded(backpressureInc(instance));
      case "backpressure.dec":
        return this.#guarded(backpressureDec(instance));
      default:
        return this.#async.core(canon, offset);
    }
  }

  #guarded(fn: CoreFunction): CoreFunction {
    return guarded(fn, this.#linking.store.outcome, fn.length);
  }

  #resource({ type }: CanonOfType, offset: number): ResourceType {
    const resource = this.#scope.types.resource(type, offset);
    if (resource instanceof ResourceType) return resource as ResourceType;
    throw new InvalidComponentError(`the resource type ${type} belongs to no instance`, offset);
  }

  #ownResource(canon: CanonOfType, offset: number): ResourceType<number> {
    const type = this.#resource(canon, offset);
    if (type.owner === this.#instance) return type as unknown as ResourceType<number>;
    throw new InvalidComponentError(`${canon.operation} of a resource type that another component defines`, offset);
  }
}
