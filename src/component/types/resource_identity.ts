/** What a type knows of a resource. */

/**
 * A resource type, as types of values refer to it. Two are the same type only if they are the same object: each instance
 * of a component that defines a resource has a type of its own.
 *
 * The linker supplies its `ResourceType`s; validation, which has no instances, supplies plain objects.
 */
export interface ResourceIdentity {
  /** Plain name, such as `descriptor`, for messages and for {@linkcode functionTypeText}. */
  readonly name: string;
}
