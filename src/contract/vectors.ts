/** Pieces of one byte array: what `iovec_array` and `ciovec_array` are to the guest. Valid during one call. */
export interface IoVectors {
  /** The array that holds the pieces: the guest's whole memory. */
  bytes: Uint8Array;
  /** Where each piece starts in {@linkcode bytes}. */
  starts: Uint32Array;
  /** Length of each piece in bytes. */
  lengths: Uint32Array;
  /** Number of pieces. */
  count: number;
  /** True if the guest passed more than one call takes, of which these are the first; default: false. */
  isCut?: boolean;
}

/** Bytes of all pieces together. */
export function totalLength(iovs: IoVectors): number {
  let total = 0;
  for (let i = 0; i < iovs.count; i++) total += iovs.lengths[i]!;
  return total;
}
