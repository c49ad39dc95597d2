/** How much a virtual network holds. */

/** Bytes that are queued at one end and not yet delivered to its reader. */
export const WINDOW_BYTES: number = 256 * 1024;

/** What a piece costs beside its bytes, so that many small ones are bounded as well. */
export const PIECE_BYTES = 64;
