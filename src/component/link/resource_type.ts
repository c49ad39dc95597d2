/** Types of resources: their identity, and what happens to the last of an object. */

/** Destroys a resource that was dropped by a component instance, or, if it is undefined, by the host. */
export type Destroy<Rep> = (rep: Rep, dropper: object | undefined) => void;

/**
 * A resource type. Its identity is the object: two instances of one component define two types, whatever their names
 * ("generative" in the specification).
 *
 * @typeParam Rep What stands for a resource of the type: the host's own object (a `Descriptor`, an `InputStream`), or, for
 * a type that a component defines, the i32 that it passed to `resource.new`.
 */
export class ResourceType<Rep = unknown> {
  #name: string;
  /** The component instance that defines the type; undefined for a type of the host. Compared by identity only. */
  readonly owner: object | undefined;
  #isNamed = false;
  readonly #destroy: Destroy<Rep> | undefined;

  /**
   * Define a resource type.
   *
   * @param name Plain name, in kebab case.
   * @param destroy Destroys a resource; called once, when its owner drops it.
   * @param owner The component instance that defines the type; undefined for a type of the host.
   */
  constructor(name: string, destroy?: Destroy<Rep>, owner?: object) {
    this.#name = name;
    this.#destroy = destroy;
    this.owner = owner;
  }

  /** Plain name, in kebab case, for messages and for the text of types. */
  get name(): string {
    return this.#name;
  }

  /** Name a type of a component, which gets its name by its first export. */
  nameOnce(name: string): void {
    if (this.owner === undefined || this.#isNamed) return;
    this.#name = name;
    this.#isNamed = true;
  }

  /**
   * Destroy a resource whose owner has dropped it.
   *
   * @param rep What stands for the resource.
   * @param dropper The component instance that dropped it; undefined for the host.
   */
  destroy(rep: Rep, dropper?: object): void {
    this.#destroy?.(rep, dropper);
  }
}
