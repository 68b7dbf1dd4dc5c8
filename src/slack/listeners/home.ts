import { createHash } from 'node:crypto';
import type { App } from '@slack/bolt';
import { refusePerson } from '../../commands/access.ts';
import type { Logger } from '../../logger.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import type { Incidents } from '../ports.ts';
import { renderHome, renderRefusedHome } from '../render/home.ts';
import type { Guard } from './standing.ts';

const MOST = 30;

/** Publishes the App Home when somebody opens it and it shows something new. */
export function listenToHome(app: App, api: SlackApi, incidents: Incidents, guard: Guard, log: Logger): void {
  const shown = new Map<string, string>();
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab !== 'home') return;
    const signal = AbortSignal.timeout(10_000);
    try {
      const asked = { user: event.user, channel: null, threadTs: null, shared: false };
      const refusal = refusePerson(await guard.look(asked, signal));
      const view =
        refusal === null ? renderHome(await incidents.open(MOST)) : renderRefusedHome(refusal.title, refusal.summary);
      const hash = createHash('sha256').update(JSON.stringify(view)).digest('base64url');
      if (shown.get(event.user) === hash && event.view) return;
      const slot = { method: 'views.publish', channel: null, priority: 'normal' } as const;
      await api.call(slot, signal, (client) => client.views.publish({ user_id: event.user, view }));
      if (shown.size > 5_000) shown.clear();
      shown.set(event.user, hash);
    } catch (err) {
      // Opening it again tries again; Slack need not deliver the event twice.
      log.info({ err, user: event.user }, 'the App Home could not be published');
    }
  });
}
