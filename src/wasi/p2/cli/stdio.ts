/** `wasi:cli/stdin`, `stdout` and `stderr`. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { guestIo } from "../io/guest_io.ts";
import { guestStdio } from "./guest_stdio.ts";

/** The interface `wasi:cli/stdin@0.2`. */
export function stdinInterface(host: WasiHost): HostInterface {
  const { inputStream } = host.shared(guestIo);
  return interfaceOf("get-stdin", inputStream, () => host.shared(guestStdio).stdin());
}

/** The interface `wasi:cli/stdout@0.2`. */
export function stdoutInterface(host: WasiHost): HostInterface {
  const { outputStream } = host.shared(guestIo);
  return interfaceOf("get-stdout", outputStream, () => host.shared(guestStdio).stdout());
}

/** The interface `wasi:cli/stderr@0.2`. */
export function stderrInterface(host: WasiHost): HostInterface {
  const { outputStream } = host.shared(guestIo);
  return interfaceOf("get-stderr", outputStream, () => host.shared(guestStdio).stderr());
}

function interfaceOf<T>(name: string, type: ResourceType<T>, open: () => T): HostInterface {
  const get: HostFunction = {
    type: `func() -> own<${type.name}>`,
    lower: (cx) => (): number => {
      cx.enter();
      return cx.addHandle(type, open());
    },
  };
  return { functions: { [name]: get }, resources: { [type.name]: type } };
}
