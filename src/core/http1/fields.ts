/** Header fields: syntax, and which of them are hop-by-hop. */

/** A name and its value. */
export type Field = [name: string, value: string];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Hop-by-hop fields (RFC 9110 7.6.1), and `trailer`, because trailers are dropped. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** True for a valid method or field name. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** True for a valid field value. */
export function isFieldValue(text: string): boolean {
  return !NO_VALUE.test(text);
}

/** A host (RFC 3986 3.2.2) and an optional port. Not empty, and without a comma, which would join two fields. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[\w\-.~!$&'()*+;=]|%[0-9A-Fa-f]{2})+)(?::(\d{0,5}))?$/;

/** True for a valid value of `Host`. */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 65535;
}

/** True if the field is not passed on. `connection` is the value of the field `Connection`. */
export function isHopByHop(lowerName: string, connection: string): boolean {
  if (HOP_BY_HOP.has(lowerName)) return true;
  return connection !== "" && listHas(connection, lowerName);
}

/** True if a comma-separated list contains an item, which is in lower case. */
export function listHas(list: string, lowerItem: string): boolean {
  if (list.length < lowerItem.length) return false;
  return list.toLowerCase().split(",").some((item) => item.trim() === lowerItem);
}
