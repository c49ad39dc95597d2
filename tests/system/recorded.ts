/**
 * Objects of a platform that record which of their methods are called.
 *
 * @module
 */

/**
 * Wrap an object, and every object that its methods answer.
 *
 * @param target What answers.
 * @param calls Gets the name of each method that is called.
 */
export function recorded<T extends object>(target: T, calls: string[]): T {
  return new Proxy(target, {
    get(object, key): unknown {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => {
        calls.push(String(key));
        const answer: unknown = Reflect.apply(value, object, args);
        return typeof answer === "object" && answer !== null && !Array.isArray(answer)
          ? recorded(answer, calls)
          : answer;
      };
    },
  });
}
