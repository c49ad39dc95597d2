/** What the parts of a system share. */

import type { Platform } from "../contract/platform.ts";
import type { PathResolver } from "../core/fs/path_resolver.ts";
import type { GuestWaiter } from "../core/io/wait.ts";
import type { FdTable } from "./fd_table.ts";

/** What the parts of a system share. */
export interface SystemContext {
  /** Descriptors. */
  readonly table: FdTable;
  /** The host. */
  readonly platform: Platform;
  /** Waits for the guest. */
  readonly waiter: GuestWaiter;
  /** Looks up the paths of this guest, and of no other. */
  readonly resolver: PathResolver;
}
