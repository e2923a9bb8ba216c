/** Signals that ask a command to stop. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** 128 + the signal's number, as shells report it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * The first signal aborts, so that jobs stop their children and store what
 * they have; the second exits at once.
 * @param onFirst  tells the user
 * @returns the signal to give to jobs, and a function that stops listening
 */
export function abortOnSignals(onFirst: () => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = (name: (typeof stopSignals)[number]): void => {
    if (controller.signal.aborted) process.exit(exitCodes[name]);
    onFirst();
    controller.abort();
  };
  for (const name of stopSignals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of stopSignals) process.off(name, onSignal);
    },
  };
}
