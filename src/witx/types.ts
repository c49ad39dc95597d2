/**
 * Enumerations, flags and records of preview 1, under their witx names.
 *
 * Source: typenames.witx (WebAssembly/WASI@1ad15f3).
 *
 * @module
 */

/** Clocks (u32): `clockid`. */
export const Clockid = { REALTIME: 0, MONOTONIC: 1, PROCESS_CPUTIME_ID: 2, THREAD_CPUTIME_ID: 3 } as const;

/** File types (u8): `filetype`. */
export const Filetype = {
  UNKNOWN: 0,
  BLOCK_DEVICE: 1,
  CHARACTER_DEVICE: 2,
  DIRECTORY: 3,
  REGULAR_FILE: 4,
  SOCKET_DGRAM: 5,
  SOCKET_STREAM: 6,
  SYMBOLIC_LINK: 7,
} as const;
/** One of {@linkcode Filetype}. */
export type Filetype = (typeof Filetype)[keyof typeof Filetype];

/** Bases of `fd_seek` (u8): `whence`. */
export const Whence = { SET: 0, CUR: 1, END: 2 } as const;

/** Access patterns of `fd_advise` (u8): `advice`. */
export const Advice = { NORMAL: 0, SEQUENTIAL: 1, RANDOM: 2, WILLNEED: 3, DONTNEED: 4, NOREUSE: 5 } as const;

/** Descriptor flags (u16 bits): `fdflags`. */
export const Fdflags = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;
/** Every defined bit of {@linkcode Fdflags}. */
export const FDFLAGS_ALL = 31;

/** Which timestamps to set (u16 bits): `fstflags`. */
export const Fstflags = { ATIM: 1, ATIM_NOW: 2, MTIM: 4, MTIM_NOW: 8 } as const;
/** Every defined bit of {@linkcode Fstflags}. */
export const FSTFLAGS_ALL = 15;

/** How paths are resolved (u32 bits): `lookupflags`. */
export const Lookupflags = { SYMLINK_FOLLOW: 1 } as const;

/** How a file is opened (u16 bits): `oflags`. */
export const Oflags = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 } as const;
/** Every defined bit of {@linkcode Oflags}. */
export const OFLAGS_ALL = 15;

/** Kinds of subscription and event (u8): `eventtype`. */
export const Eventtype = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const;

/** State of a descriptor in an event (u16 bits): `eventrwflags`. */
export const Eventrwflags = { FD_READWRITE_HANGUP: 1 } as const;

/** How a clock subscription is read (u16 bits): `subclockflags`. */
export const Subclockflags = { SUBSCRIPTION_CLOCK_ABSTIME: 1 } as const;

/** What a preopen is (u8): `preopentype`. */
export const Preopentype = { DIR: 0 } as const;

/** Flags of `sock_recv` (u16 bits): `riflags`. */
export const Riflags = { RECV_PEEK: 1, RECV_WAITALL: 2 } as const;

/** Flags of `sock_shutdown` (u8 bits): `sdflags`. */
export const Sdflags = { RD: 1, WR: 2 } as const;

/** Signals of `proc_raise` (u8): `signal`. */
export const Signal = {
  NONE: 0,
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 16,
  CONT: 17,
  STOP: 18,
  TSTP: 19,
  TTIN: 20,
  TTOU: 21,
  URG: 22,
  XCPU: 23,
  XFSZ: 24,
  VTALRM: 25,
  PROF: 26,
  WINCH: 27,
  POLL: 28,
  PWR: 29,
  SYS: 30,
} as const;

/** Rights (u64 bits in the guest, all of them below bit 30): `rights`. */
export const Rights = {
  FD_DATASYNC: 0x1,
  FD_READ: 0x2,
  FD_SEEK: 0x4,
  FD_FDSTAT_SET_FLAGS: 0x8,
  FD_SYNC: 0x10,
  FD_TELL: 0x20,
  FD_WRITE: 0x40,
  FD_ADVISE: 0x80,
  FD_ALLOCATE: 0x100,
  PATH_CREATE_DIRECTORY: 0x200,
  PATH_CREATE_FILE: 0x400,
  PATH_LINK_SOURCE: 0x800,
  PATH_LINK_TARGET: 0x1000,
  PATH_OPEN: 0x2000,
  FD_READDIR: 0x4000,
  PATH_READLINK: 0x8000,
  PATH_RENAME_SOURCE: 0x10000,
  PATH_RENAME_TARGET: 0x20000,
  PATH_FILESTAT_GET: 0x40000,
  PATH_FILESTAT_SET_SIZE: 0x80000,
  PATH_FILESTAT_SET_TIMES: 0x100000,
  FD_FILESTAT_GET: 0x200000,
  FD_FILESTAT_SET_SIZE: 0x400000,
  FD_FILESTAT_SET_TIMES: 0x800000,
  PATH_SYMLINK: 0x1000000,
  PATH_REMOVE_DIRECTORY: 0x2000000,
  PATH_UNLINK_FILE: 0x4000000,
  POLL_FD_READWRITE: 0x8000000,
  SOCK_SHUTDOWN: 0x10000000,
  SOCK_ACCEPT: 0x20000000,
} as const;
/** Every defined bit of {@linkcode Rights}. */
export const RIGHTS_ALL = 0x3fffffff;

/** Where the fields of a `filestat` start, in words of 32 bits. */
export const FilestatWord = {
  DEV: 0,
  INO: 2,
  FILETYPE: 4,
  NLINK: 6,
  SIZE: 8,
  ATIM: 10,
  MTIM: 12,
  CTIM: 14,
  END: 16,
} as const;

const WORD = 2 ** 32;
const SECOND_NS = 1_000_000_000;

/**
 * Attributes of a file: `filestat`. Times are in nanoseconds since 1970.
 *
 * The fields are views of {@linkcode Filestat.words}: hot paths move words, because a bigint is an object on some engines.
 */
export class Filestat {
  /** All fields as they are in the guest's memory, low word first; {@linkcode FilestatWord} has their places. */
  readonly words: Uint32Array = new Uint32Array(FilestatWord.END);
  readonly #unsigned: BigUint64Array = new BigUint64Array(this.words.buffer);
  readonly #signed: BigInt64Array = new BigInt64Array(this.words.buffer);

  /** Device (u64). */
  get dev(): bigint {
    return this.#unsigned[FilestatWord.DEV / 2]!;
  }
  set dev(value: bigint) {
    this.#unsigned[FilestatWord.DEV / 2] = value;
  }

  /** Serial number within the device (u64). */
  get ino(): bigint {
    return this.#unsigned[FilestatWord.INO / 2]!;
  }
  set ino(value: bigint) {
    this.#unsigned[FilestatWord.INO / 2] = value;
  }

  /** Type (u8). */
  get filetype(): Filetype {
    return this.words[FilestatWord.FILETYPE] as Filetype;
  }
  set filetype(value: Filetype) {
    this.words[FilestatWord.FILETYPE] = value;
  }

  /** Hard links (u64). */
  get nlink(): bigint {
    return this.#unsigned[FilestatWord.NLINK / 2]!;
  }
  set nlink(value: bigint) {
    this.#unsigned[FilestatWord.NLINK / 2] = value;
  }

  /** Bytes of a regular file, or length of a symbolic link's target (u64). */
  get size(): bigint {
    return this.#unsigned[FilestatWord.SIZE / 2]!;
  }
  set size(value: bigint) {
    this.#unsigned[FilestatWord.SIZE / 2] = value;
  }

  /** Last access (ns; u64 for the guest, negative before 1970). */
  get atim(): bigint {
    return this.#signed[FilestatWord.ATIM / 2]!;
  }
  set atim(value: bigint) {
    this.#signed[FilestatWord.ATIM / 2] = value;
  }

  /** Last modification (ns; u64 for the guest, negative before 1970). */
  get mtim(): bigint {
    return this.#signed[FilestatWord.MTIM / 2]!;
  }
  set mtim(value: bigint) {
    this.#signed[FilestatWord.MTIM / 2] = value;
  }

  /** Last status change (ns; u64 for the guest, negative before 1970). */
  get ctim(): bigint {
    return this.#signed[FilestatWord.CTIM / 2]!;
  }
  set ctim(value: bigint) {
    this.#signed[FilestatWord.CTIM / 2] = value;
  }

  /**
   * Sets a time, without a bigint.
   *
   * @param word Its place: of {@linkcode FilestatWord}.
   * @param seconds Seconds since 1970; negative before.
   * @param nanoseconds Of the second, below 10^9.
   */
  setTime(word: number, seconds: number, nanoseconds: number): void {
    const low = (Math.imul(seconds, SECOND_NS) + nanoseconds) >>> 0;
    // The float64 is off by less than 2^12, which does not matter to a multiple of 2^32.
    const rest = seconds * SECOND_NS + nanoseconds - low;
    this.words[word] = low;
    this.words[word + 1] = Math.round(rest / WORD);
  }
}

/** Attributes of a descriptor: `fdstat`. */
export interface Fdstat {
  /** Type of the file (u8). */
  fsFiletype: Filetype;
  /** Descriptor flags (u16). */
  fsFlags: number;
  /** Rights of the descriptor itself (u64; here a number of 30 bits). */
  fsRightsBase: number;
  /** Rights that descriptors opened through it may have (u64; here a number of 30 bits). */
  fsRightsInheriting: number;
}

/** @returns A {@linkcode Filestat} with every field zero, to be filled by a call. */
export function emptyFilestat(): Filestat {
  return new Filestat();
}
