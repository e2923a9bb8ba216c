/**
 * Things that must be undone however this process ends: emulators must not
 * outlive it, a terminal must not stay in raw mode. What is registered here
 * runs on every orderly end, uncaught exceptions among them, and on the
 * signals that end a process. Against SIGKILL and crashes stands
 * PR_SET_PDEATHSIG (qemu/guard.ts).
 */

const actions = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function act(): void {
  for (const action of actions) action();
}

/**
 * Having a listener takes away what the signal does by default. When nobody
 * else listens, it is done here; otherwise how to end is the others' decision,
 * and the exit hook follows.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  act();
  unhook();
  process.kill(process.pid, signal);
}

function hook(): void {
  process.on('exit', act);
  for (const signal of signals) process.on(signal, onSignal);
}

function unhook(): void {
  process.off('exit', act);
  for (const signal of signals) process.off(signal, onSignal);
}

/** Registers a synchronous action that must not throw; the returned function takes it back. */
export function atDeath(action: () => void): () => void {
  if (actions.size === 0) hook();
  actions.add(action);
  return () => {
    if (actions.delete(action) && actions.size === 0) unhook();
  };
}
