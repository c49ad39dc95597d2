/** What tests of the sandbox ask of a guest, whichever ABI it has. */

/** What a call answered: the name of its errno, and what it stored if that is SUCCESS. */
export interface Answer<T> {
  readonly errno: string;
  readonly value: T | undefined;
}

/** How to open a path. */
export interface OpenOptions {
  /** Descriptor of the directory. Default: 3, the first preopen. */
  readonly fd?: number;
  /** Follow a symbolic link at the end. Default: false. */
  readonly follow?: boolean;
  /** `Oflags`. Default: none. */
  readonly oflags?: number;
  /** Rights asked for. Default: all but FD_WRITE. */
  readonly rights?: number;
  /** `Fdflags`, where there are some. Default: none. */
  readonly fdflags?: number;
}

/** Attributes. */
export interface SandboxStat {
  /** As preview 1 numbers them. */
  readonly filetype: number;
  readonly size: bigint;
}

/** A guest that makes the calls that a test asks for. Paths start at the first preopen unless a descriptor is given. */
export interface SandboxGuest {
  close(): Promise<void>;
  open(path: string, options?: OpenOptions): Promise<Answer<number>>;
  /** Open, and fail the test if that fails. */
  mustOpen(path: string, options?: OpenOptions): Promise<number>;
  /** Open, read and close. */
  readFile(path: string, options?: OpenOptions): Promise<Answer<string>>;
  pwrite(fd: number, text: string): Promise<string>;
  closeFd(fd: number): Promise<string>;
  stat(path: string, follow: boolean, fd?: number): Promise<Answer<SandboxStat>>;
  fstat(fd: number): Promise<Answer<SandboxStat>>;
  /** What tells the object from all others, as far as this guest can tell. */
  identity(fd: number): Promise<string>;
  setTimes(path: string, follow: boolean, fd?: number): Promise<string>;
  fsetTimes(fd: number): Promise<string>;
  setSize(fd: number, size: number): Promise<string>;
  mkdir(path: string, fd?: number): Promise<string>;
  rmdir(path: string, fd?: number): Promise<string>;
  unlink(path: string, fd?: number): Promise<string>;
  rename(from: string, to: string, fd?: number, toFd?: number): Promise<string>;
  link(from: string, to: string, fd?: number, toFd?: number, follow?: boolean): Promise<string>;
  symlink(target: string, path: string, fd?: number): Promise<string>;
  readlink(path: string, fd?: number): Promise<Answer<string>>;
  /** Names in an open directory, without `.` and `..`. */
  names(fd: number): Promise<Answer<string[]>>;
}
