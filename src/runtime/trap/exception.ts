/** Exceptions of WebAssembly, where the runtime has them. */

/** An exception, with what is used of it. */
interface Exception {
  is(tag: unknown): boolean;
}

interface ExceptionTypes {
  readonly Exception?: new (...args: never[]) => Exception;
  readonly Tag?: new (...args: never[]) => object;
}

/** True for an exception that WebAssembly has thrown, or JavaScript with a tag. */
export function isException(error: unknown): error is Exception {
  const { Exception } = WebAssembly as ExceptionTypes;
  return Exception !== undefined && error instanceof Exception;
}

/** The name by which a guest exports the tag of an exception; undefined if it does not. */
export function exportedTag(exception: Exception, exports: WebAssembly.Exports): string | undefined {
  const { Tag } = WebAssembly as ExceptionTypes;
  if (Tag === undefined) return undefined;
  return Object.entries(exports).find(([, value]: [string, unknown]) => value instanceof Tag && exception.is(value))
    ?.[0];
}
