/** Names of WIT in JavaScript. */

/**
 * A name in camelCase.
 *
 * @param name In kebab case: `last-operation-failed`, `get-URL`.
 * @returns `lastOperationFailed`, `getURL`.
 */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}
