import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { platformNames } from '../../simulator/scenarios/names.ts';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';
import { createRunbooks } from '../../src/playbooks/runbooks.ts';
import { type Product, startProduct, TOKEN, until } from './product.ts';

const runbooks = createRunbooks(loadPlaybooks([join(import.meta.dirname, '..', '..', 'runbooks')]).playbooks, {
  baseUrl: null,
});
const open: Product[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((product) => product.close()));
});

interface Answer {
  readonly text: string;
  readonly automatic: boolean;
  readonly tone: string;
  readonly summary: string;
}

async function ask(product: Product, text: string, incident: number): Promise<Pick<Answer, 'tone' | 'summary'>> {
  const response = await fetch(`${product.app.url}/api/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text, incident }),
  });
  const { tone, summary }: { tone: string; summary: string | null } = await response.json();
  return { tone, summary: summary ?? '' };
}

async function answers(product: Product, known: IncidentWithAlerts): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  for (const { commands, automatic } of runbooks.forIncident(known)?.steps ?? [])
    for (const text of commands) {
      const { number } = known.incident;
      const first = await ask(product, text, number);
      // A storm and a slow API server are among the failures: what people do then is to ask once more.
      const answer = first.tone === 'error' ? await ask(product, text, number) : first;
      found.push({ text, automatic, ...answer });
    }
  return found;
}

/** The incidents of a failure, once no alert has come for a second. */
async function incidentsOf(product: Product): Promise<readonly IncidentWithAlerts[]> {
  let before = 0;
  let since = Date.now();
  return until('the incidents', async () => {
    const { incidents }: { incidents: { number: number }[] } = await (await product.api('/api/incidents')).json();
    const known = await Promise.all(
      incidents.map(
        async ({ number }): Promise<IncidentWithAlerts> => (await product.api(`/api/incidents/${number}`)).json(),
      ),
    );
    const alerts = known.flatMap((one) => one.alerts).length;
    if (alerts !== before) since = Date.now();
    before = alerts;
    return alerts > 0 && Date.now() - since > 1_000 ? known : null;
  });
}

/** An answer that shows somebody what is wrong, or what to read. */
const tells = ({ tone, summary }: Answer) =>
  tone === 'warning' || /^[1-9]\d* (?:lines|events|changes)|[1-9]\d* (?:messages|dead letters)/.test(summary);

describe('the commands of a shipped runbook, in the failure its alert tells of', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
    '%s',
    async (id, scenario) => {
      const product = await startProduct();
      open.push(product);
      const last = Math.max(...scenario.stages(platformNames('builder')).map(({ at }) => at));
      // The first is played for whoever starts the simulator.
      if (!id.startsWith('s01'))
        await fetch(`${product.scenarios}/${id}/start`, {
          method: 'POST',
          body: JSON.stringify({ startedAgo: last + 20 }),
        });
      const served = (await incidentsOf(product)).filter(({ incident }) => incident.playbookId);
      expect(served.length).toBeGreaterThan(0);
      for (const known of served.slice(0, 5)) {
        const told = await answers(product, known);
        const of = `${id} ${known.incident.playbookId}`;
        expect([of, told.filter(({ tone }) => tone === 'error')]).toEqual([of, []]);
        expect([of, told.filter(({ summary }) => /^(?:0 |No (?!lines|events))/.test(summary))]).toEqual([of, []]);
        const first = told.filter(({ automatic }) => automatic);
        if (scenario.verdict === 'cause') expect([of, first, first.some(tells)]).toEqual([of, first, true]);
      }
    },
    300_000,
  );
});
