/** The standard streams of the process. O_NONBLOCK is never set on them: it would hold for all processes that share them. */

import { Filetype } from "../../../witx/types.ts";
import type { PlatformStdio, PlatformStream, WaitMode } from "../../../contract/platform.ts";
import type { Syscalls } from "../syscalls.ts";
import { PosixStream } from "./stream.ts";

/**
 * The standard streams, each made when it is first asked for.
 *
 * @param syscalls The system's calls.
 * @param mode How the guest waits.
 */
export function posixStdio(syscalls: Syscalls, mode: WaitMode): PlatformStdio {
  const streams: (PlatformStream | undefined)[] = [];

  function standard(fd: number): PlatformStream {
    return streams[fd] ??= open(fd);
  }

  function open(fd: number): PlatformStream {
    const filetype = syscalls.fds.filetype(fd);
    const known = filetype < 0 ? Filetype.UNKNOWN : filetype as Filetype;
    return new PosixStream(syscalls, fd, known, { isShared: true, mode });
  }

  return {
    get stdin(): PlatformStream {
      return standard(0);
    },
    get stdout(): PlatformStream {
      return standard(1);
    },
    get stderr(): PlatformStream {
      return standard(2);
    },
  };
}
