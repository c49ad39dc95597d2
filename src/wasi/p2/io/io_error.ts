/** The resource `error` of `wasi:io/error`. */

import type { Errno } from "../../../witx/errno.ts";

/**
 * What failed: `filesystem-error-code` and `network-error-code` tell the code of an error of their own only. Standard
 * streams are of the file system, as files and directories may be redirected to them.
 */
export type ErrorOrigin = "filesystem" | "sockets" | HttpOrigin;

/** What failed is the body of a message: `http-error-code` has the reason. */
export interface HttpOrigin {
  /** An `error-code` of wasi:http, as the stream has it when it fails. */
  readonly errorCode: object | undefined;
}

/** Why an operation on a stream failed. */
export class IoError {
  /** The errno. */
  readonly errno: Errno;
  /** What failed. */
  readonly origin: ErrorOrigin;

  /**
   * @param errno Why.
   * @param origin What.
   */
  constructor(errno: Errno, origin: ErrorOrigin) {
    this.errno = errno;
    this.origin = origin;
  }
}
