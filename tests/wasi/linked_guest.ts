/**
 * A component linked to the interfaces of `wasi:*`, over a fake guest and without the runtime around it.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { Codecs } from "../../src/component/abi/codecs.ts";
import { decodeComponent } from "../../src/component/binary/decode.ts";
import { ExportCall } from "../../src/component/link/call/export_call.ts";
import { LiftedFunction } from "../../src/component/link/call/lifted_function.ts";
import { Linking } from "../../src/component/link/call/linking.ts";
import { TrampolineModules } from "../../src/component/link/call/trampoline_modules.ts";
import { compileCoreModules } from "../../src/component/link/core_modules.ts";
import { OuterImports } from "../../src/component/link/import_resolver.ts";
import { linkComponent } from "../../src/component/link/linker.ts";
import { type StackSwitching, Store } from "../../src/component/link/store.ts";
import { type ExportFunction, promising, suspending } from "../../src/runtime/jspi.ts";
import type { WasiGuest } from "../../src/wasi/guest.ts";
import { SOCKET_INTERFACES } from "../../src/wasi/p2/socket_interfaces.ts";
import { WasiInterfaces } from "../../src/wasi/registry.ts";

const STACKS: StackSwitching = { suspending, promising: (fn) => promising(fn as ExportFunction) };

/**
 * Run the `wasi:cli/run` of a component.
 *
 * @param path The component.
 * @param guest What it runs in.
 * @returns The `result` of `run`, once what the guest has written is written.
 */
export async function runLinked(path: string, guest: WasiGuest): Promise<unknown> {
  const component = decodeComponent(new Uint8Array(await readFile(path)));
  const isSuspended = guest.waiter.mode === "suspend";
  const store = new Store({ waiter: guest.waiter, stacks: isSuspended ? STACKS : undefined });
  const linking = new Linking(store, new TrampolineModules());
  const interfaces = new WasiInterfaces(guest, SOCKET_INTERFACES);
  const { exports } = linkComponent({ component, scope: undefined }, {
    linking,
    modules: compileCoreModules(component),
    imports: new OuterImports(new Map(), interfaces, linking),
  });
  const run = exports.get("wasi:cli/run@0.2.12");
  const found = run?.sort === "instance" ? run.value.get("run") : undefined;
  if (found?.sort !== "func" || !(found.value instanceof LiftedFunction)) throw new Error("it exports no run");
  const call = new ExportCall(found.value, new Codecs());
  const result = isSuspended ? await call.callSuspending([]) : call.call([]);
  await interfaces.flushed();
  return result;
}
