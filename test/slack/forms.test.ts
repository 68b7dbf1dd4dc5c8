import { afterEach, expect, test } from '@jest/globals';
import { stillFires } from '../../src/slack/listeners/forms.ts';
import { alert, delivery, type Product, shown, startProduct, until } from '../acceptance/product.ts';
import { known } from './samples.ts';

let product: Product | null = null;
afterEach(async () => {
  await product?.close();
  product = null;
});

async function openForm(name: 'note' | 'resolve') {
  product = await startProduct();
  const { workspace } = product;
  await product.deliver(delivery([alert('Formed', { deployment: 'checkout' })]));
  const card = await until('the card', async () =>
    (await workspace.messages('#incidents')).find((message) => message.text.includes('Formed')),
  );
  const number = /#(\d+)/.exec(shown(card))?.[1];
  await workspace.click({
    user: 'ana',
    channel: '#incidents',
    ts: card.ts,
    actionId: 'lambda:more',
    value: `#${number} form ${name}`,
  });
  await until('the form', async () => (await workspace.modals('ana')).length > 0);
  return { workspace, number, product };
}

test('a note written in a form is on the timeline word for word, with who wrote it', async () => {
  const { workspace, number, product: one } = await openForm('note');
  await workspace.viewSubmit({ user: 'ana', values: { text: 'rolled back -n everything\n--as root & <!channel>' } });
  const entry = await until('the note', async () => {
    const { timeline } = await (await one.api(`/api/incidents/${number}`)).json();
    return timeline.find((candidate: { kind: string }) => candidate.kind === 'note');
  });
  expect(entry).toMatchObject({ text: expect.stringContaining('rolled back -n everything'), actor: { id: 'U0ANA' } });
  expect(entry.text).toContain('--as root');
});

test('the form to resolve says what still fires, and resolving can be taken back from its answer', async () => {
  const { workspace, number, product: one } = await openForm('resolve');
  expect(JSON.stringify(await workspace.modals('ana'))).toContain(
    '1 alert still fires*: for 30 min that is no news, and what still fires after that is a new incident',
  );
  await workspace.viewSubmit({ user: 'ana', values: { fixed: '1', text: '' } });
  const stateOf = async () => (await (await one.api(`/api/incidents/${number}`)).json()).incident;
  await until('the resolution', async () => (await stateOf()).status === 'resolved');
  const answer = await until('the answer with its way back', async () =>
    (await workspace.ephemerals('ana')).find((message) => shown(message).includes('Undo')),
  );
  await workspace.click({ user: 'ana', channel: '#incidents', ts: answer.ts, actionId: 'lambda:next:0' });
  await until('the incident as it was', async () => (await stateOf()).status === 'open');
  expect((await stateOf()).reopenCount).toBe(0);
}, 240_000);

test('an incident is resolved from a form, also with nothing written', async () => {
  const { workspace, number, product: one } = await openForm('resolve');
  await workspace.viewSubmit({ user: 'ana', values: {} });
  await until(
    'the resolution',
    async () => (await (await one.api(`/api/incidents/${number}`)).json()).incident.status === 'resolved',
  );
});

test('the form to resolve says that no alert fires only when all of them were seen', () => {
  const { incident, alerts } = known();
  const quiet = alerts.map((one) => ({ ...one, status: 'resolved' as const }));
  const of = (over: Partial<typeof incident>) =>
    stillFires({ incident: { ...incident, ...over }, alerts: quiet }, 1_800_000);
  expect(of({})).toContain('None of its alerts fires');
  expect(of({ truncatedAlerts: 3 })).toContain('3 alerts were left out by Alertmanager');
  expect(of({ truncatedAlerts: 3 })).not.toContain('None of its alerts fires');
  expect(of({ staleSince: 1_700_000_000_000 })).toContain('is not known');
});
