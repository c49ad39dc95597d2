/** `struct stat` as the attributes of preview 1. */

import type { Filestat, Filetype } from "../../../witx/types.ts";
import { filetypeOf } from "../../shared/fs/filetypes.ts";
import type { Region } from "../ffi/arena.ts";
import type { Libc } from "../ffi/libc.ts";

const WORD = 2 ** 32;
const NS = 1_000_000_000n;

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
    const { dev, devBytes, ino, nlink, nlinkBytes, atim, mtim, ctim } = this.#layout;
    out.dev = this.#unsigned(dev, devBytes);
    out.ino = this.#unsigned(ino, 8);
    out.filetype = this.filetype();
    out.nlink = this.#unsigned(nlink, nlinkBytes);
    out.size = BigInt(this.size());
    out.atim = this.#time(atim);
    out.mtim = this.#time(mtim);
    out.ctim = this.#time(ctim);
  }

  #unsigned(at: number, bytes: 2 | 4 | 8): bigint {
    if (bytes === 8) return this.#view.getBigUint64(at, true);
    return BigInt(bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true));
  }

  /** `struct timespec` as ns since 1970. */
  #time(at: number): bigint {
    return this.#view.getBigInt64(at, true) * NS + this.#view.getBigInt64(at + 8, true);
  }
}
