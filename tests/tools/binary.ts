/** Binaries of WebAssembly by their sections, for what the assembler does not know. */

/** A number as WebAssembly writes it (LEB128). */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const byte = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? byte | 128 : byte);
  } while (value > 0);
  return bytes;
}

/** A name, of less than 128 bytes of ASCII. */
export function name(text: string): number[] {
  return [text.length, ...[...text].map((char) => char.charCodeAt(0))];
}

/** A binary of sections: their ids, and their content. */
export function binary(
  sections: readonly (readonly [id: number, content: readonly number[]])[],
): Uint8Array<ArrayBuffer> {
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  for (const [id, content] of sections) bytes.push(id, ...leb(content.length), ...content);
  return Uint8Array.from(bytes);
}

/** A command that does nothing, and has these sections of tables (4) and memories (5). */
export function idleCommand(
  { tables = [], memories = [[0, 1]] }: {
    tables?: readonly (readonly number[])[];
    memories?: readonly (readonly number[])[];
  },
): Uint8Array<ArrayBuffer> {
  return binary([
    [1, [1, 0x60, 0, 0]],
    [3, [1, 0]],
    [4, [...leb(tables.length), ...tables.flat()]],
    [5, [...leb(memories.length), ...memories.flat()]],
    [7, [2, ...name("_start"), 0, 0, ...name("memory"), 2, 0]],
    [10, [1, 2, 0, 0x0b]],
  ]);
}
