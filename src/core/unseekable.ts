/** What streams and sockets can't do: all that needs an offset, a size or a disk. */

import { Errno } from "../witx/errno.ts";

/** The answers of `OpenObject` for what has no offset. */
export abstract class Unseekable {
  pread(): Errno {
    return Errno.SPIPE;
  }

  pwrite(): Errno {
    return Errno.SPIPE;
  }

  seek(): Errno {
    return Errno.SPIPE;
  }

  readdir(): Errno {
    return Errno.NOTDIR;
  }

  setSize(): Errno {
    return Errno.INVAL;
  }

  setTimes(): Errno {
    return Errno.NOTSUP;
  }

  sync(): Errno {
    return Errno.INVAL;
  }

  advise(): Errno {
    return Errno.SPIPE;
  }

  allocate(): Errno {
    return Errno.SPIPE;
  }

  setAppend(): Errno {
    return Errno.SUCCESS;
  }
}
