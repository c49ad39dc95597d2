/** What is open before the guest starts: standard streams, sockets, mounts. */

import { Fdflags, Filetype, Rights } from "../witx/types.ts";
import { lenientBytesOfText } from "../text/byte_text.ts";
import type { PlatformSocket } from "../contract/network.ts";
import type { PlatformStdio } from "../contract/platform.ts";
import { OpenDirectory } from "../core/fs/directory.ts";
import { type Mount, MountedDirectory } from "../core/fs/mounted_directory.ts";
import type { HeldStdio } from "../core/io/held_bytes.ts";
import { OpenStream } from "../core/io/stream.ts";
import { OpenSocket } from "../core/net/socket.ts";
import { type Descriptor, newDescriptor } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import { applicableRights, DIRECTORY_RIGHTS, FILE_RIGHTS, SOCKET_RIGHTS, STREAM_RIGHTS } from "./rights.ts";

const NO_NAME: Uint8Array = new Uint8Array(0);

/** What is open before the guest starts, in the order of the descriptors. */
export interface Preopens {
  /** Descriptors 0, 1 and 2. */
  readonly stdio: PlatformStdio;
  /** What another interface of the guest holds of them; undefined if there is none. */
  readonly heldStdio?: HeldStdio | undefined;
  /** True if they are NONBLOCK from the start. */
  readonly nonBlockingStdio: boolean;
  /** True if a broken pipe at standard output ends the guest as by SIGPIPE. */
  readonly endOnBrokenPipe?: boolean;
  /** Sockets. */
  readonly sockets?: readonly PlatformSocket[] | undefined;
  /** Directories. */
  readonly mounts: readonly Mount[];
}

/**
 * Inserts the first descriptors.
 *
 * @throws {RangeError} If the table has no room for them.
 */
export function insertPreopens(table: FdTable, preopens: Preopens): void {
  const { stdio, heldStdio: held, sockets = [], mounts } = preopens;
  const flags = preopens.nonBlockingStdio ? Fdflags.NONBLOCK : 0;
  const stdin = streamDescriptor(new OpenStream(stdio.stdin, held?.stdin), flags, Rights.FD_WRITE);
  const stdout = streamDescriptor(new OpenStream(stdio.stdout, held?.stdout), flags, Rights.FD_READ);
  stdout.raisesPipe = preopens.endOnBrokenPipe === true;
  const stderr = streamDescriptor(new OpenStream(stdio.stderr, held?.stderr), flags, Rights.FD_READ);
  stderr.unfailing = true;
  for (const descriptor of [stdin, stdout, stderr, ...sockets.map(socketDescriptor), ...mounts.map(mountDescriptor)]) {
    if (table.insert(descriptor) >= 0) continue;
    throw new RangeError("Cannot start the guest: maxOpenFiles is too small for its standard streams and preopens");
  }
}

function streamDescriptor(stream: OpenStream, flags: number, without: number): Descriptor {
  const isDevice = stream.filetype === Filetype.CHARACTER_DEVICE;
  const rights = isDevice ? applicableRights(stream.filetype, stream.isTerminal) : STREAM_RIGHTS;
  return newDescriptor(stream, flags, rights & ~without, 0);
}

/** NONBLOCK from the start, because that is what Go asks a listener for before it makes it so. */
function socketDescriptor(socket: PlatformSocket): Descriptor {
  const descriptor = newDescriptor(new OpenSocket(socket), Fdflags.NONBLOCK, SOCKET_RIGHTS, SOCKET_RIGHTS);
  descriptor.preopenName = NO_NAME;
  return descriptor;
}

function mountDescriptor(mount: Mount): Descriptor {
  const directory = new OpenDirectory(MountedDirectory.rootOf(mount));
  const descriptor = newDescriptor(directory, 0, DIRECTORY_RIGHTS, DIRECTORY_RIGHTS | FILE_RIGHTS | STREAM_RIGHTS);
  descriptor.preopenName = lenientBytesOfText(mount.path);
  return descriptor;
}
