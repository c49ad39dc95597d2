/**
 * Rules for names.
 *
 * Source: "Import and Export Definitions" and "Name Uniqueness" of the component model's explainer.
 *
 * @module
 */

const LABEL = "(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*";
const WORDS = "[a-z][0-9a-z]*(?:-[0-9a-z]+)*";
const LABEL_PATTERN = new RegExp(`^${LABEL}$`);
const PLAIN_NAME_PATTERN = new RegExp(
  `^(?:\\[constructor\\](${LABEL})|\\[(method|static)\\](${LABEL})\\.(${LABEL})|(${LABEL}))$`,
);
/** The version is everything after the first `@`. Nested namespaces and packages are not released. */
const INTERFACE_NAME_PATTERN = new RegExp(`^(${WORDS}):(${WORDS})/(${LABEL})(?:@(.*))?$`, "s");

const NUMBER = "(?:0|[1-9][0-9]*)";
const PRERELEASE_PART = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
/** Semantic Versioning 2.0.0. */
const VERSION_PATTERN = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?` +
    "(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$",
);
/** A version without the part that does not matter for compatibility: `1`, `0.2` or `0.0.3`. */
const CANONICAL_VERSION_PATTERN = /^(?:[1-9][0-9]*|0\.[1-9][0-9]*|0\.0\.(?:0|[1-9][0-9]*))$/;

/** The name of an import or an export, taken apart. */
export type ParsedName =
  | { readonly kind: "label" }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly member: string }
  | {
    readonly kind: "interface";
    readonly namespace: string;
    readonly package: string;
    readonly interface: string;
    /** Undefined if it has none. */
    readonly version: string | undefined;
  };

/** True for a label in kebab case, such as `is-XML`. */
export function isLabel(text: string): boolean {
  return LABEL_PATTERN.test(text);
}

/** Take the name of an import or an export apart; undefined if it is not one. */
export function parseName(text: string): ParsedName | undefined {
  const plain = PLAIN_NAME_PATTERN.exec(text);
  if (plain !== null) {
    const [, constructed, kind, resource = "", member = ""] = plain;
    if (constructed !== undefined) return { kind: "constructor", resource: constructed };
    return kind === undefined ? { kind: "label" } : { kind: kind === "method" ? "method" : "static", resource, member };
  }
  const match = INTERFACE_NAME_PATTERN.exec(text);
  if (match === null) return undefined;
  const [, namespace = "", package_ = "", interface_ = "", version] = match;
  if (version !== undefined && !isVersion(version) && !isCanonicalVersion(version)) return undefined;
  return { kind: "interface", namespace, package: package_, interface: interface_, version };
}

/** True for a version of Semantic Versioning 2.0.0, such as `0.2.1-rc.1`. */
export function isVersion(text: string): boolean {
  return VERSION_PATTERN.test(text);
}

/** True for the part of a version that matters for compatibility, such as `0.2`. */
export function isCanonicalVersion(text: string): boolean {
  return CANONICAL_VERSION_PATTERN.test(text);
}

/**
 * The form of a name that must be unique among names of one scope: in lower case, without the annotation of a method or
 * a static function, and `a` for `[method]a.a`.
 */
export function uniqueForm(name: string): string {
  const lower = name.toLowerCase();
  const match = /^\[(?:method|static)\]([^.]*)\.(.*)$/.exec(lower);
  if (match === null) return lower;
  const [, resource = "", member = ""] = match;
  return resource === member ? resource : `${resource}.${member}`;
}
