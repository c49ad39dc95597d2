/** The one implementation of `System`, over any `Platform`: look up the descriptor, check its rights, delegate. */

import { Errno } from "../witx/errno.ts";
import {
  Advice,
  Fdflags,
  FDFLAGS_ALL,
  type Fdstat,
  type Filestat,
  Filetype,
  Preopentype,
  Rights,
  RIGHTS_ALL,
  Signal,
  Whence,
} from "../witx/types.ts";
import { clockResGet, clockTimeGet } from "./clock.ts";
import type { Descriptor, OpenObject } from "./descriptor.ts";
import { Directory } from "./directory.ts";
import { type Mount, nestMounts, Place } from "./place.ts";
import type { PlatformSocket } from "./network.ts";
import type { PlatformStdio, PlatformStream, Waiter } from "./platform.ts";
import { Poller, retryUntil, waitFor } from "./poll.ts";
import {
  applicableRights,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
  rightsFromGuest,
  SOCKET_RIGHTS,
  STREAM_RIGHTS,
} from "./rights.ts";
import { Socket } from "./socket_object.ts";
import { SocketSystem, type SocketSystemOptions } from "./socket_system.ts";
import { Stream } from "./stream.ts";
import {
  type Events,
  type IoVectors,
  type OffsetResult,
  PREOPEN_SOCKET,
  type Prestat,
  type SizeResult,
  type Subscriptions,
  type System,
  WasiExit,
  WasiSignal,
} from "./system.ts";
import { readTimes, requested } from "./times.ts";
import { totalLength } from "./vectors.ts";
import { PARK_NS, YieldMeter } from "./yield.ts";

/** Random bytes that one call may ask for: 64 MiB, so that no call takes unbounded time. */
const MAX_RANDOM = 64 * 1024 * 1024;

const SYNC_FLAGS = Fdflags.DSYNC | Fdflags.RSYNC | Fdflags.SYNC;

const encoder: TextEncoder = new TextEncoder();

/** What a system is made of. */
export interface HostSystemOptions extends SocketSystemOptions {
  /** How to wait where a promise can't be answered; the same one, if `waiter` blocks. */
  readonly blockingWaiter: Waiter;
  /** Arguments, the program's name first. */
  readonly args: readonly string[];
  /** `NAME=VALUE` pairs. */
  readonly environ: readonly string[];
  /** Descriptors 0, 1 and 2. */
  readonly stdio: PlatformStdio;
  /** True if descriptors 0, 1 and 2 are NONBLOCK from the start. */
  readonly nonBlockingStdio: boolean;
}

/** Preview 1 over a platform. */
export class HostSystem extends SocketSystem implements System {
  readonly blockingWaiter: Waiter;
  readonly #args: readonly Uint8Array[];
  readonly #environ: readonly Uint8Array[];
  readonly #mounts: readonly Mount[];
  readonly #yields: YieldMeter = new YieldMeter();
  readonly #poller: Poller = new Poller(this);

  /** @param options What it is made of. */
  constructor(options: HostSystemOptions) {
    super(options);
    this.blockingWaiter = options.blockingWaiter;
    this.#args = options.args.map(encodeWithNul);
    this.#environ = options.environ.map(encodeWithNul);
    this.#mounts = options.mounts;
    nestMounts(options.mounts);
    const flags = options.nonBlockingStdio ? Fdflags.NONBLOCK : 0;
    this.#addStream(options.stdio.stdin, flags, Rights.FD_WRITE);
    this.#addStream(options.stdio.stdout, flags, Rights.FD_READ);
    this.#addStream(options.stdio.stderr, flags, Rights.FD_READ).unfailing = true;
    for (const socket of options.network?.preopened ?? []) this.#addSocket(socket);
    for (const mount of options.mounts) this.#addMount(mount);
  }

  /** NONBLOCK from the start, because that is what Go asks a listener for before it makes it so. */
  #addSocket(socket: PlatformSocket): void {
    this.#add(new Socket(socket), Fdflags.NONBLOCK, SOCKET_RIGHTS, SOCKET_RIGHTS).preopenName = NO_NAME;
  }

  #addStream(stream: PlatformStream, flags: number, without: number): Descriptor {
    const object = new Stream(stream);
    const isDevice = stream.filetype === Filetype.CHARACTER_DEVICE;
    const rights = isDevice ? applicableRights(stream.filetype, stream.isTerminal) : STREAM_RIGHTS;
    return this.#add(object, flags, rights & ~without, 0);
  }

  #addMount(mount: Mount): void {
    const directory = new Directory(new Place(mount.root, mount, "", false));
    const descriptor = this.#add(directory, 0, DIRECTORY_RIGHTS, DIRECTORY_RIGHTS | FILE_RIGHTS | STREAM_RIGHTS);
    descriptor.preopenName = encoder.encode(mount.path);
  }

  #add(object: OpenObject, flags: number, rightsBase: number, rightsInheriting: number): Descriptor {
    const descriptor: Descriptor = {
      object,
      flags,
      rightsBase,
      rightsInheriting,
      preopenName: undefined,
      unfailing: false,
    };
    if (this.table.insert(descriptor) < 0) {
      throw new RangeError("Cannot start the guest: maxOpenFiles is too small for its standard streams and preopens");
    }
    return descriptor;
  }

  /** Close everything that is open, and the roots of the mounts. */
  close(): void {
    for (const descriptor of this.table.drain()) descriptor.object.close();
    for (const mount of this.#mounts) mount.close();
  }

  argsGet(): readonly Uint8Array[] {
    return this.#args;
  }

  environGet(): readonly Uint8Array[] {
    return this.#environ;
  }

  clockResGet(id: number, out: Uint32Array): Errno {
    return clockResGet(this.platform.clock, id, out);
  }

  clockTimeGet(id: number, out: Uint32Array): Errno {
    return clockTimeGet(this.platform.clock, id, out);
  }

  fdAdvise(fd: number, offset: bigint, len: bigint, advice: number): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (advice > Advice.NOREUSE || offset < 0n || len < 0n) return Errno.INVAL;
    if ((descriptor.rightsBase & Rights.FD_ADVISE) === 0) {
      return refusal(descriptor, (object) => object.advise(0, 0, 0));
    }
    return descriptor.object.advise(Number(offset), Number(len), advice);
  }

  fdAllocate(fd: number, offset: bigint, len: bigint): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (offset < 0n || len <= 0n) return Errno.INVAL;
    if (offset + len > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    if ((descriptor.rightsBase & Rights.FD_ALLOCATE) === 0) {
      return refusal(descriptor, (object) => object.allocate(0, 1));
    }
    return descriptor.object.allocate(Number(offset), Number(len));
  }

  fdClose(fd: number): Errno {
    const descriptor = this.table.remove(fd);
    return descriptor === undefined ? Errno.BADF : descriptor.object.close();
  }

  fdDatasync(fd: number): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_DATASYNC) === 0) return refusal(descriptor, (object) => object.sync(true));
    return descriptor.object.sync(true);
  }

  fdFdstatGet(fd: number, out: Fdstat): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    out.fsFiletype = descriptor.object.filetype;
    out.fsFlags = descriptor.flags;
    out.fsRightsBase = descriptor.rightsBase;
    out.fsRightsInheriting = descriptor.rightsInheriting;
    return Errno.SUCCESS;
  }

  fdFdstatSetFlags(fd: number, flags: number): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.INVAL;
    if ((descriptor.rightsBase & Rights.FD_FDSTAT_SET_FLAGS) === 0) return Errno.NOTCAPABLE;
    const changed = flags ^ descriptor.flags;
    if ((changed & SYNC_FLAGS) !== 0) return Errno.NOTSUP;
    if ((changed & Fdflags.APPEND) !== 0) {
      const errno = descriptor.object.setAppend((flags & Fdflags.APPEND) !== 0);
      if (errno !== Errno.SUCCESS) return errno;
    }
    descriptor.flags = flags;
    return Errno.SUCCESS;
  }

  fdFdstatSetRights(fd: number, fsRightsBase: bigint, fsRightsInheriting: bigint): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const base = rightsFromGuest(fsRightsBase);
    const inheriting = rightsFromGuest(fsRightsInheriting);
    const unknown = (fsRightsBase | fsRightsInheriting) & ~BigInt(RIGHTS_ALL);
    if (unknown !== 0n || (base & ~descriptor.rightsBase) !== 0 || (inheriting & ~descriptor.rightsInheriting) !== 0) {
      return Errno.NOTCAPABLE;
    }
    descriptor.rightsBase = base;
    descriptor.rightsInheriting = inheriting;
    return Errno.SUCCESS;
  }

  fdFilestatGet(fd: number, out: Filestat): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_FILESTAT_GET) === 0) return Errno.NOTCAPABLE;
    return descriptor.object.stat(out);
  }

  fdFilestatSetSize(fd: number, size: bigint): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (size < 0n) return Errno.INVAL;
    if (size > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    if ((descriptor.rightsBase & Rights.FD_FILESTAT_SET_SIZE) === 0) {
      return refusal(descriptor, (object) => object.setSize(0));
    }
    return descriptor.object.setSize(Number(size));
  }

  fdFilestatSetTimes(fd: number, atim: bigint, mtim: bigint, fstFlags: number): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_FILESTAT_SET_TIMES) === 0) {
      return refusal(descriptor, (object) => object.setTimes(undefined, undefined));
    }
    const errno = readTimes(this.platform.clock, atim, mtim, fstFlags);
    return errno === Errno.SUCCESS ? descriptor.object.setTimes(requested.atim, requested.mtim) : errno;
  }

  fdPread(fd: number, iovs: IoVectors, offset: number, out: SizeResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const right = Rights.FD_READ | Rights.FD_SEEK;
    if ((descriptor.rightsBase & right) !== right) {
      return refusal(descriptor, tryPread, Errno.BADF);
    }
    if (offset < 0) return Errno.INVAL;
    return descriptor.object.pread(iovs, Math.min(offset, Number.MAX_SAFE_INTEGER), out);
  }

  fdPrestatGet(fd: number, out: Prestat): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor?.preopenName === undefined) return Errno.BADF;
    out.name = descriptor.preopenName;
    out.tag = descriptor.object instanceof Socket ? PREOPEN_SOCKET : Preopentype.DIR;
    return Errno.SUCCESS;
  }

  fdPwrite(fd: number, iovs: IoVectors, offset: number, out: SizeResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const right = Rights.FD_WRITE | Rights.FD_SEEK;
    if ((descriptor.rightsBase & right) !== right) {
      return refusal(descriptor, tryPwrite, Errno.BADF);
    }
    if (offset < 0) return Errno.INVAL;
    if (offset > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    return descriptor.object.pwrite(iovs, offset, (descriptor.flags & Fdflags.APPEND) !== 0, out);
  }

  fdRead(fd: number, iovs: IoVectors, out: SizeResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_READ) === 0) {
      return refusal(descriptor, tryRead, Errno.BADF);
    }
    return descriptor.object.read(iovs, out);
  }

  fdReaddir(fd: number, bytes: Uint8Array, start: number, length: number, cookie: bigint, out: SizeResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_READDIR) === 0) {
      return descriptor.object instanceof Directory ? Errno.NOTCAPABLE : Errno.NOTDIR;
    }
    if (cookie < 0n) return Errno.INVAL;
    return descriptor.object.readdir(bytes, start, length, Number(cookie), out);
  }

  fdRenumber(fd: number, to: number): Errno {
    if (this.table.get(fd) === undefined || this.table.get(to) === undefined) return Errno.BADF;
    if (fd === to) return Errno.SUCCESS;
    this.table.renumber(fd, to)?.object.close();
    return Errno.SUCCESS;
  }

  fdSeek(fd: number, offset: number, whence: number, out: OffsetResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const tells = whence === Whence.CUR && offset === 0;
    const right = tells ? Rights.FD_SEEK | Rights.FD_TELL : Rights.FD_SEEK;
    if ((descriptor.rightsBase & right) === 0) return refusal(descriptor, trySeek);
    return descriptor.object.seek(offset, whence, out);
  }

  fdSync(fd: number): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_SYNC) === 0) return refusal(descriptor, (object) => object.sync(false));
    return descriptor.object.sync(false);
  }

  fdTell(fd: number, out: OffsetResult): Errno {
    return this.fdSeek(fd, 0, Whence.CUR, out);
  }

  fdWrite(fd: number, iovs: IoVectors, out: SizeResult): Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_WRITE) === 0) {
      return refusal(descriptor, tryWrite, Errno.BADF);
    }
    const errno = descriptor.object.write(iovs, (descriptor.flags & Fdflags.APPEND) !== 0, out);
    if (errno === Errno.SUCCESS || errno === Errno.AGAIN || !descriptor.unfailing) return errno;
    out.size = totalLength(iovs);
    return Errno.SUCCESS;
  }

  pollOneoff(subscriptions: Subscriptions, events: Events): Errno | Promise<Errno> {
    return subscriptions.count === 0 ? Errno.INVAL : this.#poller.poll(subscriptions, events);
  }

  waitFd(fd: number, interest: number, blocking: boolean): Errno | Promise<Errno> {
    const descriptor = this.table.get(fd);
    const pollable = descriptor?.object.pollable;
    if (descriptor === undefined || pollable === undefined) return Errno.SUCCESS;
    if ((descriptor.flags & Fdflags.NONBLOCK) !== 0 && !descriptor.unfailing) {
      return pollable.needsEventLoop && !blocking ? this.#turnIfStarving() : Errno.AGAIN;
    }
    const waiter = blocking ? this.blockingWaiter : this.waiter;
    const timeoutNs = descriptor.object instanceof Socket ? descriptor.object.timeoutNs(interest) : Infinity;
    if (timeoutNs !== Infinity) {
      const isReady = (): Errno => pollable.readiness(interest) !== 0 ? Errno.SUCCESS : Errno.AGAIN;
      return retryUntil(this, pollable, interest, timeoutNs, isReady, waiter);
    }
    const waited = waitFor(this, [pollable], [interest], Infinity, waiter);
    return waited === undefined ? Errno.SUCCESS : waited.then(() => Errno.SUCCESS);
  }

  /** What a guest asks for again and again may come with the next turn of the event loop. */
  #turnIfStarving(): Errno | Promise<Errno> {
    const { clock } = this.platform;
    if (!this.waiter.suspends || !this.turns.isStarving(clock.monotonic())) return Errno.AGAIN;
    const turned = (): Errno => {
      this.turns.turned(clock.monotonic());
      return Errno.SUCCESS;
    };
    return waitFor(this, [], [], 0)?.then(turned) ?? turned();
  }

  procExit(rval: number): never {
    throw new WasiExit(rval);
  }

  procRaise(sig: number): Errno {
    switch (sig) {
      case Signal.NONE:
      case Signal.PIPE:
      case Signal.CHLD:
      case Signal.CONT:
      case Signal.URG:
      case Signal.WINCH:
        return Errno.SUCCESS;
      case Signal.STOP:
      case Signal.TSTP:
      case Signal.TTIN:
      case Signal.TTOU:
        return Errno.NOTSUP;
      default:
        if (sig > Signal.SYS) return Errno.INVAL;
        throw new WasiSignal(sig);
    }
  }

  schedYield(): Errno | Promise<Errno> {
    if (!this.#yields.spins(this.platform.clock.monotonic())) return Errno.SUCCESS;
    const waited = waitFor(this, [], [], PARK_NS);
    return waited === undefined ? Errno.SUCCESS : waited.then(() => Errno.SUCCESS);
  }

  randomGet(bytes: Uint8Array, start: number, length: number): Errno {
    if (length > MAX_RANDOM) return Errno.INVAL;
    this.platform.random.fill(bytes, start, length);
    return Errno.SUCCESS;
  }
}

const NO_NAME: Uint8Array = new Uint8Array(0);

// Harmless attempts. They capture nothing, so that calls that are not refused make no memory for them.
const ignoredSize: SizeResult = { size: 0 };
const ignoredOffset: OffsetResult = { offset: 0 };
const tryRead = (object: OpenObject): Errno => object.read(NOTHING, ignoredSize);
const tryWrite = (object: OpenObject): Errno => object.write(NOTHING, false, ignoredSize);
const tryPread = (object: OpenObject): Errno => object.pread(NOTHING, 0, ignoredSize);
const tryPwrite = (object: OpenObject): Errno => object.pwrite(NOTHING, 0, false, ignoredSize);
const trySeek = (object: OpenObject): Errno => object.seek(0, Whence.CUR, ignoredOffset);

const NOTHING: IoVectors = {
  bytes: new Uint8Array(0),
  starts: new Uint32Array(0),
  lengths: new Uint32Array(0),
  count: 0,
};

/**
 * Why an operation is refused whose right is missing: because the kind of file can't do it, which is what the object
 * itself answers to a harmless attempt, or else because the right was given up or never asked for: `otherwise`, which
 * is BADF for reading and writing, as POSIX has it for a file that is not open for it.
 */
function refusal(
  descriptor: Descriptor,
  attempt: (object: OpenObject) => Errno,
  otherwise: Errno = Errno.NOTCAPABLE,
): Errno {
  const { filetype, isTerminal } = descriptor.object;
  const isFile = applicableRights(filetype, isTerminal) === FILE_RIGHTS;
  const errno = isFile ? Errno.SUCCESS : attempt(descriptor.object);
  return errno === Errno.SUCCESS ? otherwise : errno;
}

function encodeWithNul(text: string): Uint8Array {
  return encoder.encode(text + "\0");
}
