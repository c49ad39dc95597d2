/** `subscribe` of futures. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import type { GuestIo } from "../io/guest_io.ts";
import type { PollTarget } from "../io/pollable.ts";

/** `subscribe` of a resource that can be polled. */
export function subscribeFunction<T extends PollTarget>(io: GuestIo, self: ResourceType<T>): HostFunction {
  return {
    type: `func(self: borrow<${self.name}>) -> own<pollable>`,
    lower: (cx) => (handle: number): number => {
      cx.enter();
      return io.subscribe(cx, cx.handle(handle, self));
    },
  };
}
