/** A component that the host calls with resources of its own. */

import type { WasiHost } from "../../wasi/host.ts";

/** An instance of a component, for the host. */
export interface OpenedComponent {
  /** What its host interfaces share. */
  readonly host: WasiHost;
  /** True once it can't be called any more. */
  readonly hasEnded: boolean;
  /**
   * Call a function of an interface of WASI 0.2 that it exports.
   *
   * @param interfaceName Name of the interface without its version.
   * @param name Name of the function.
   * @param args Its arguments: resources are the objects of the host.
   */
  callExported(interfaceName: string, name: string, args: readonly unknown[]): Promise<unknown>;
  /** Write what the guest has written and is still queued. */
  flushed(): void | Promise<void>;
  /** End it, and close all that it has open. */
  end(): Promise<void>;
}
