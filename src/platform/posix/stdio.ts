/** The standard streams of the process. O_NONBLOCK is never set on them: it would hold for all processes that share them. */

import { Filetype } from "../../witx/types.ts";
import type { PlatformStdio, PlatformStream } from "../../core/platform.ts";
import type { Host } from "./host.ts";
import { PosixStream } from "./stream.ts";

/**
 * The standard streams, each made when it is first asked for.
 *
 * @param host The system's calls.
 * @param suspends True if the thread must not be held up.
 */
export function posixStdio(host: Host, suspends: boolean): PlatformStdio {
  const streams: (PlatformStream | undefined)[] = [];

  function standard(fd: number): PlatformStream {
    return streams[fd] ??= open(fd);
  }

  function open(fd: number): PlatformStream {
    const filetype = host.descriptors.filetype(fd);
    const known = filetype < 0 ? Filetype.UNKNOWN : filetype as Filetype;
    return new PosixStream(host, fd, known, { isShared: true, mayBlock: !suspends });
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
