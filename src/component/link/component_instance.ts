/** The state of a component instance. */

import { HandleTable } from "./handles.ts";
import type { Store } from "./store.ts";
import type { Task } from "./task.ts";

/** A component instance: its handles, and whether it may be entered and left. */
export class ComponentInstance {
  /** What all instances of the guest share. */
  readonly store: Store;
  /** The instance that instantiated it; undefined for the guest itself. */
  readonly parent: ComponentInstance | undefined;
  /** Its handles. */
  readonly handles: HandleTable;
  /** False while it runs `realloc` or `post-return`, and once the guest has ended: its imports trap. */
  mayLeave = true;
  /** False while it runs, and once it has trapped: its exports trap. */
  mayEnter = true;
  /** True if calls need a {@linkcode Task}: it uses built-ins that refer to the current one. */
  usesTasks = false;
  /** True if it imports a function that may wait, also through other components. */
  mayWait = false;
  /** Above zero, calls of functions with asynchronous types are held back. */
  backpressure = 0;
  /** Number of tasks that wait until they are let in. */
  waitingToEnter = 0;
  /** The task that runs, or waits on its stack, of those of which only one may do so at a time. */
  exclusive: Task | undefined;
  /** The call in progress; undefined if there is none, or if it needs no {@linkcode Task}. */
  task: Task | undefined;

  /**
   * Make an instance.
   *
   * @param store What all instances of the guest share.
   * @param parent The instance that instantiates it.
   * @param maxHandles Most handles at a time.
   */
  constructor(store: Store, parent?: ComponentInstance, maxHandles?: number) {
    this.store = store;
    this.parent = parent;
    this.handles = new HandleTable(maxHandles);
    store.add(this);
  }
}
