/** Which web streams are those of the process itself: only Deno has such. */

interface StandardStreams {
  readonly stdin: { readonly readable?: unknown };
  readonly stdout: { readonly writable?: unknown };
  readonly stderr: { readonly writable?: unknown };
}

/** As `Platform.ownsStream`. */
export function ownsStream(stream: object): boolean {
  const { Deno } = globalThis as { readonly Deno?: StandardStreams };
  if (Deno === undefined) return false;
  return stream === Deno.stdout.writable || stream === Deno.stderr.writable || stream === Deno.stdin.readable;
}
