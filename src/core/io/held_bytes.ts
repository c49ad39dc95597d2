/** Bytes that another interface holds before a stream. */

/**
 * What another interface of the guest holds of a stream: it goes before what is read and written otherwise, so that a guest
 * may use both in turn.
 */
export interface HeldBytes {
  /** Bytes that were read ahead. */
  readonly aheadBytes: number;
  /** Read what was read ahead. @returns Bytes read; 0 if there are none. */
  readAhead(bytes: Uint8Array, start: number, length: number): number;
  /** Write what is queued. @returns 0 once nothing is, `-INPROGRESS`, or minus an errno. */
  drain(): number;
}

/** What is held of the standard streams. */
export type HeldStdio = Readonly<Record<"stdin" | "stdout" | "stderr", HeldBytes>>;
