/** A component that exports `wasi:http/incoming-handler`, as a request handler. */

import { BadRequestError } from "../../core/http1/request_head.ts";
import type { OpenedComponent } from "../../runtime/component/opened_component.ts";
import type { RunResult } from "../../runtime/mod.ts";
import { badRequest, serverError, unavailable } from "../responses.ts";
import { ComponentExchange } from "./component_exchange.ts";
import { InstancePool, type PoolLimits } from "./instance_pool.ts";

/** Parts of an app of a component. */
export interface ComponentAppOptions extends PoolLimits {
  /** Makes an instance. */
  open(): Promise<OpenedComponent>;
  /** Gets what ended an instance while it handled a request. */
  onError?: ((error: unknown) => void) | undefined;
}

/** Parts of an app that are the component's. */
export interface ComponentApp {
  /** Passes a request to an instance. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Rejects when the app is closed. */
  readonly ended: Promise<RunResult>;
  /** Ends all instances. */
  close(): Promise<void>;
}

/**
 * Serve a component.
 *
 * @param options Its parts.
 * @throws {ModuleError} If it can't be linked.
 * @throws {TrapError} If it traps while it is instantiated.
 */
export async function componentApp(options: ComponentAppOptions): Promise<ComponentApp> {
  const pool = new InstancePool(options.open, options);
  await pool.warmUp();
  const running = new Set<ComponentExchange>();
  let reject!: (reason: unknown) => void;
  const ended = new Promise<RunResult>((_, rejecting) => reject = rejecting);
  ended.catch(() => {});
  return {
    fetch: (request) => exchange(request, pool, running, options.onError),
    ended,
    async close(): Promise<void> {
      for (const each of running) each.fail(unavailable("the component was closed"));
      reject(new DOMException("The component was closed", "AbortError"));
      await pool.close();
    },
  };
}

async function exchange(
  request: Request,
  pool: InstancePool,
  running: Set<ComponentExchange>,
  onError: ComponentAppOptions["onError"],
): Promise<Response> {
  request.signal.throwIfAborted();
  let component: OpenedComponent | undefined;
  let made: ComponentExchange;
  try {
    // Nobody waits for what the instance does then.
    made = new ComponentExchange(request, () => void component?.end());
  } catch (error) {
    if (error instanceof BadRequestError) return badRequest(error.message);
    throw error;
  }
  running.add(made);
  handle(made, pool, (found) => component = found)
    .catch((error: unknown) => {
      if (!made.isGone) onError?.(error);
    })
    .finally(() => running.delete(made));
  return await made.response;
}

async function handle(
  exchange: ComponentExchange,
  pool: InstancePool,
  found: (component: OpenedComponent) => void,
): Promise<void> {
  try {
    const instance = await pool.take();
    if (instance === undefined) return exchange.fail(unavailable("the component was closed"));
    found(instance.component);
    try {
      if (!exchange.isGone) await exchange.run(instance.component);
    } catch (error) {
      // Before the instance is released: that closes the response too.
      exchange.fail(guestFailed());
      throw error;
    } finally {
      await pool.release(instance);
    }
    exchange.done();
  } catch (error) {
    exchange.fail(guestFailed());
    throw error;
  }
}

function guestFailed(): Response {
  return serverError("the guest has failed");
}
