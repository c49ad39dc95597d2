/** Signals that end the command. */

/** Resolves with the next SIGINT or SIGTERM, which does not end the process then. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const received = (signal: NodeJS.Signals): void => {
      process.off("SIGINT", received).off("SIGTERM", received);
      resolve(signal);
    };
    process.on("SIGINT", received).on("SIGTERM", received);
  });
}
