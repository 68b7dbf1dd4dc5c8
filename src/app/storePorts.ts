import { Buffer } from 'node:buffer';
import { progressOf } from '../commands/runbookProgress.ts';
import type { Config } from '../config.ts';
import type { IncidentExtras } from '../http/ports.ts';
import { jobOf } from '../jobs/jobKinds.ts';
import { isChannelId } from '../slack/channelId.ts';
import type { RunbookProgressPort } from '../slack/ports.ts';
import type { Store } from '../store/store.ts';

/** What the store knows of an incident beside its record. */
export function createPageExtras({ evidence, messages }: Store, { slack }: Pick<Config, 'slack'>): IncidentExtras {
  return {
    async chartOf(number) {
      const picture = await evidence.picture(number);
      return picture === null ? null : Buffer.from(picture, 'base64');
    },
    async slackUrl(number) {
      if (slack === null || slack.apiUrl !== null) return null;
      const row = (await messages.get(`channel:${number}`)) ?? (await messages.get(`card:${number}`));
      // https://docs.slack.dev/interactivity/deep-linking/ : opens the channel in the reader's own client.
      return row !== null && isChannelId(row.channel) ? `https://slack.com/app_redirect?channel=${row.channel}` : null;
    },
  };
}

/** What was done with runbook steps, from the timeline; showing them is a job, so that one message is posted however many ask. */
export function createRunbookThread(parts: {
  readonly store: Store;
  readonly clock: () => number;
}): RunbookProgressPort {
  const { store, clock } = parts;
  return {
    progress: async (playbook, incident) =>
      progressOf(playbook, incident, await store.incidents.stepSources(incident.number)),
    async show(number, page, target) {
      const payload = { incident: number, page, target: JSON.stringify(target) };
      // One that names who asked stands for nobody else.
      const job = jobOf('deliverRunbook', payload, { lane: 'person', coalesceKey: null });
      await store.jobs.enqueueOnce(`runbook:${target.invocationId}`, [job], clock());
    },
  };
}
