import { AsyncLocalStorage } from 'node:async_hooks';

const running = new AsyncLocalStorage<() => Promise<void>>();

/** Runs the handler of a job; `confirm` rejects when its lease is another process's by now. */
export function whileHeld<T>(confirm: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  return running.run(confirm, work);
}

/**
 * Resolves while the job this is called from is still this process's, and outside of jobs. To be awaited right before what
 * reaches others and cannot be taken back: a process that was stopped past its lease goes on where it stood, and another one
 * has done its work by then. What is written to our own store has its key in the same transaction instead.
 * @throws ResponderError `cancelled` when another process has the job
 */
export function stillHeld(): Promise<void> {
  return running.getStore()?.() ?? Promise.resolve();
}
