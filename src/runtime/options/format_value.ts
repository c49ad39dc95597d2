/** Describes values in error messages. */

/** Limit on quoted text. */
const MAX_TEXT = 60;

/**
 * Describes a value on one line.
 *
 * @param value Any value.
 * @returns `undefined`, `5`, `"text"`, `an array`, `a Map`.
 */
export function formatValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : withArticle(nameOf(value));
    default:
      return String(value);
  }
}

/** Name of the value's class. */
function nameOf(value: object): string {
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" || name === "Object" ? "object" : name;
}

function withArticle(name: string): string {
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}
