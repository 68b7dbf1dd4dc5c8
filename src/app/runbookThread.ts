import { progressOf } from '../commands/runbookProgress.ts';
import { jobOf } from '../jobs/jobKinds.ts';
import type { RunbookProgressPort } from '../slack/ports.ts';
import type { Store } from '../store/store.ts';

/** What was done with runbook steps, from the timeline; showing them is a job, so that one message is posted however many ask. */
export function createRunbookThread(parts: {
  readonly store: Store;
  readonly clock: () => number;
}): RunbookProgressPort {
  const { store, clock } = parts;
  return {
    progress: async (playbook, number) => progressOf(playbook, await store.incidents.stepEntries(number)),
    async show(number, page, target) {
      const payload = { incident: number, page, target: JSON.stringify(target) };
      // One that names who asked stands for nobody else.
      const job = jobOf('deliverRunbook', payload, { lane: 'person', coalesceKey: null });
      await store.jobs.enqueueOnce(`runbook:${target.invocationId}`, [job], clock());
    },
  };
}
