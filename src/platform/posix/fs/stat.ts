/** `struct stat` as the attributes of preview 1. */

import { type Filestat, FilestatWord, type Filetype } from "../../../witx/types.ts";
import { filetypeOf } from "../../shared/fs/filetypes.ts";
import type { Region } from "../ffi/arena.ts";
import type { Libc } from "../ffi/libc.ts";

const WORD = 2 ** 32;

/** Room for one `struct stat`. */
export class StatBuffer {
  /** Where calls store it. */
  readonly region: Region;
  readonly #view: DataView;
  readonly #layout: Libc["target"]["stat"];

  /** @param libc Has the memory and the layout. */
  constructor(libc: Libc) {
    this.#layout = libc.target.stat;
    this.region = libc.arena.allocate(this.#layout.size);
    const { buffer, byteOffset, byteLength } = this.region.u8;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Type of the file; a FIFO is `UNKNOWN`, for preview 1 has no type for it. */
  filetype(): Filetype {
    const { mode, modeBytes } = this.#layout;
    const bits = modeBytes === 2 ? this.#view.getUint16(mode, true) : this.#view.getUint32(mode, true);
    return filetypeOf(bits);
  }

  /** Size in bytes. */
  size(): number {
    const { length } = this.#layout;
    return this.#view.getUint32(length + 4, true) * WORD + this.#view.getUint32(length, true);
  }

  /** Copy the attributes. */
  store(out: Filestat): void {
    const { dev, devBytes, ino, nlink, nlinkBytes, length, atim, mtim, ctim } = this.#layout;
    const { words } = out;
    this.#copy(words, FilestatWord.DEV, dev, devBytes);
    this.#copy(words, FilestatWord.INO, ino, 8);
    out.filetype = this.filetype();
    this.#copy(words, FilestatWord.NLINK, nlink, nlinkBytes);
    this.#copy(words, FilestatWord.SIZE, length, 8);
    this.#copyTime(out, FilestatWord.ATIM, atim);
    this.#copyTime(out, FilestatWord.MTIM, mtim);
    this.#copyTime(out, FilestatWord.CTIM, ctim);
  }

  #copy(words: Uint32Array, word: number, at: number, bytes: 2 | 4 | 8): void {
    words[word] = bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
    words[word + 1] = bytes === 8 ? this.#view.getUint32(at + 4, true) : 0;
  }

  /** `struct timespec` as ns since 1970. */
  #copyTime(out: Filestat, word: number, at: number): void {
    const seconds = this.#view.getInt32(at + 4, true) * WORD + this.#view.getUint32(at, true);
    out.setTime(word, seconds, this.#view.getUint32(at + 8, true));
  }
}
