/** Instances of a component that serve requests: each one at a time. */

import type { OpenedComponent } from "../../runtime/component/opened_component.ts";

/** Limits on instances. */
export interface PoolLimits {
  /** Instances at a time; further requests wait. */
  readonly maxInstances: number;
  /** Requests that an instance serves before it is replaced. */
  readonly requestsPerInstance: number;
}

/** An instance, and how often it was used. */
export interface PooledInstance {
  /** The instance. */
  readonly component: OpenedComponent;
  /** Requests that it was given. */
  requests: number;
}

/** Opens instances, and keeps those that may serve more requests. */
export class InstancePool {
  readonly #open: () => Promise<OpenedComponent>;
  readonly #limits: PoolLimits;
  readonly #all: Set<PooledInstance> = new Set();
  readonly #idle: PooledInstance[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Instances that are open or being opened. */
  #count = 0;
  #isClosed = false;

  /**
   * @param open Makes an instance.
   * @param limits Limits on instances.
   */
  constructor(open: () => Promise<OpenedComponent>, limits: PoolLimits) {
    this.#open = open;
    this.#limits = limits;
  }

  /** Make the first instance, which shows whether the component can be instantiated. */
  async warmUp(): Promise<void> {
    this.#count++;
    this.#idle.push(await this.#make());
  }

  /** An instance for one request, once there is one; undefined if the pool is closed. */
  async take(): Promise<PooledInstance | undefined> {
    while (!this.#isClosed) {
      const idle = this.#idle.pop();
      if (idle !== undefined) return used(idle);
      if (this.#count < this.#limits.maxInstances) {
        this.#count++;
        return used(await this.#make());
      }
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
    return undefined;
  }

  async #make(): Promise<PooledInstance> {
    try {
      const made = { component: await this.#open(), requests: 0 };
      this.#all.add(made);
      return made;
    } catch (error) {
      this.#count--;
      this.#next();
      throw error;
    }
  }

  #next(): void {
    this.#waiting.shift()?.();
  }

  /** A request is over. The instance serves another one, if it can. */
  async release(instance: PooledInstance): Promise<void> {
    const mayServe = instance.requests < this.#limits.requestsPerInstance && !instance.component.hasEnded;
    if (mayServe && !this.#isClosed) this.#idle.push(instance);
    else await this.#end(instance);
    this.#next();
  }

  async #end(instance: PooledInstance): Promise<void> {
    if (!this.#all.delete(instance)) return;
    try {
      await instance.component.end();
    } finally {
      this.#count--;
    }
  }

  /** End all instances. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
    await Promise.allSettled([...this.#all].map((instance) => this.#end(instance)));
  }
}

function used(instance: PooledInstance): PooledInstance {
  instance.requests++;
  return instance;
}
