/** Preview 1 in the place of its adapter: for one guest. */

import type { CoreInstantiateDefinition, CoreModuleDefinition } from "../../../component/binary/model.ts";
import type { CoreSubstitute } from "../../../component/link/core_substitute.ts";
import type { CoreModules } from "../../../component/link/core_modules.ts";
import type { TrampolineModules } from "../../../component/link/call/trampoline_modules.ts";
import type { Store } from "../../../component/link/store.ts";
import { trap } from "../../../component/link/trap.ts";
import { GuestMemory } from "../../../preview1/abi/memory.ts";
import { SOCKET_IMPORTS } from "../../../preview1/abi/sockets.ts";
import type { System } from "../../../preview1/system.ts";
import { trace, type Watch } from "../../../preview1/trace/trace.ts";
import type { WasiInterfaces } from "../../../wasi/registry.ts";
import type { GuestEnvironment } from "../../environment/environment.ts";
import { preview1Imports } from "../../guest/imports.ts";
import { importOptions } from "../../guest/instance.ts";
import { preview1SystemWithoutNetwork } from "../../guest/preview1_system.ts";
import { readModuleTypes } from "../../module/types.ts";
import { PREVIEW1 } from "../adapter_index.ts";
import { promisedImports } from "../shared/promised_import.ts";
import type { Adapter } from "./adapter.ts";
import { nativeStart } from "./native_start.ts";

/** What a guest with an adapter is made of. */
export interface ElidedGuest {
  /** Its adapter. */
  readonly adapter: Adapter;
  /** Its compiled modules. */
  readonly modules: CoreModules;
  /** What its instances share. */
  readonly store: Store;
  /** Its other interfaces. */
  readonly interfaces: WasiInterfaces;
  /** Compiled trampolines. */
  readonly trampolines: TrampolineModules;
  /** What it runs in: closed by what is made here. */
  readonly environment: GuestEnvironment;
  /** What it is called in messages. */
  readonly label: string;
  /** Last part of its path. */
  readonly basename: string;
}

/** Gives a guest the functions of preview 1, and a start function in the place of the adapter's. */
export class Preview1Guest implements CoreSubstitute {
  readonly #guest: ElidedGuest;
  readonly #system: System;
  readonly #memory: GuestMemory;

  /** @param guest The guest. */
  constructor(guest: ElidedGuest) {
    const { environment, store, basename, interfaces } = guest;
    this.#guest = guest;
    this.#memory = new GuestMemory(store.outcome);
    if (environment.mode === "suspend") environment.waiter.follow(store);
    interfaces.writeMeanwhile();
    this.#system = preview1SystemWithoutNetwork(environment, basename, interfaces.heldStdio);
  }

  imports(definition: CoreInstantiateDefinition, imports: WebAssembly.Imports): WebAssembly.Imports {
    const client = this.#guest.adapter.clients.get(definition);
    return client === undefined ? imports : { ...imports, [PREVIEW1]: this.#functions(client) };
  }

  exports(definition: CoreInstantiateDefinition, imports: WebAssembly.Imports): WebAssembly.ModuleImports | undefined {
    const { adapter: { instance, run, exports } } = this.#guest;
    if (definition !== instance) return undefined;
    const { env, __main_module__: main } = imports;
    this.#memory.attach(env!["memory"] as WebAssembly.Memory);
    // The rest fills a table of which nothing is called any more.
    const items: WebAssembly.ModuleImports = Object.fromEntries(exports.map((name) => [name, unused]));
    if (run !== undefined) items[run] = nativeStart(main!["_start"] as () => void);
    return items;
  }

  #functions(client: CoreModuleDefinition): WebAssembly.ModuleImports {
    const { modules, environment: { mode, stdio }, label, basename } = this.#guest;
    const types = readModuleTypes(client.bytes);
    const loaded = { module: modules.get(client)!, label, basename, bytes: undefined, types };
    const options = {
      ...importOptions({ mode, stdio, network: undefined, options: {} }, SOCKET_IMPORTS),
      suspend: promisedImports(this.#guest),
    };
    return preview1Imports(loaded, { system: this.#system, memory: this.#memory }, options, this.#watch());
  }

  #watch(): Watch | undefined {
    const { options } = this.#guest.environment;
    return options.trace === undefined ? undefined : trace(this.#system, this.#memory, options.trace);
  }
}

function unused(): never {
  return trap("the adapter of preview 1 is not there");
}
