/** Header fields: what may stand in them, and which of them end at the next hop. */

/** A name and its value. */
export type Field = [name: string, value: string];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Fields of one hop by RFC 9110 7.6.1, and `trailer`, since trailers are dropped. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @returns True for what may be a method or the name of a field. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** @returns True for what may be the value of a field, which has no line ends. */
export function isFieldValue(text: string): boolean {
  return !NO_VALUE.test(text);
}

/** @returns True if the field is not passed on. `connection` is the value of the field of that name. */
export function isHopByHop(lowerName: string, connection: string): boolean {
  if (HOP_BY_HOP.has(lowerName)) return true;
  return connection !== "" && listHas(connection, lowerName);
}

/** @returns True if a comma-separated list has the item, which is in lower case. */
export function listHas(list: string, lowerItem: string): boolean {
  if (list.length < lowerItem.length) return false;
  return list.toLowerCase().split(",").some((item) => item.trim() === lowerItem);
}
