/**
 * Go's own network on wasip1, which exists only within the program: recognises a program that waits for it.
 *
 * @module
 */

/**
 * Size of the end of standard error that {@linkcode waitsOnFakeListener} needs: Go's report on about 100 goroutines.
 */
export const GO_REPORT_BYTES: number = 1 << 16;

/** Prefix of the functions of the simulated network. */
export const FAKE_NETWORK = "net.(*fakeNetFD)";

/** Exit code of a program that Go's runtime ends. */
const FATAL_EXIT_CODE = 2;

/**
 * Whether a Go program ended because it accepted connections on the simulated network, where none can arrive.
 *
 * @param exitCode Its exit code.
 * @param stderr The end of its standard error.
 */
export function waitsOnFakeListener(exitCode: number, stderr: string): boolean {
  return exitCode === FATAL_EXIT_CODE && stderr.includes("all goroutines are asleep - deadlock!") &&
    stderr.includes(`${FAKE_NETWORK}.accept`);
}
