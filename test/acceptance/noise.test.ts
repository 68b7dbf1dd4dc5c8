import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { alert, delivery, type Product, startProduct, until } from './product.ts';

/** docs/rules.md#noise: so many messages at most before anybody acts, in the channel it was posted to. */
const BUDGET = { sev4: 0, sev3: 2, sev2: 3, sev1: 3 } as const;

let product: Product;

beforeEach(async () => {
  product = await startProduct();
}, 180_000);

afterEach(async () => {
  await product.close();
}, 180_000);

/** Messages about an incident in the channel: cards, and all that stands in their threads, files too. */
async function messagesAbout(name: string): Promise<readonly string[]> {
  const cards = (await product.workspace.messages('#incidents')).filter((message) =>
    JSON.stringify(message).includes(name),
  );
  const threads = await Promise.all(
    cards
      .filter(({ thread_ts, ts }) => !thread_ts || thread_ts === ts)
      .map(({ ts }) => product.workspace.messages('#incidents', { thread: ts })),
  );
  return threads.flat().map(({ text, files }) => `${text} ${(files ?? []).map((file) => file.name).join()}`);
}

async function looked(subject: string): Promise<boolean> {
  const { incidents }: { incidents: { number: number; title: string }[] } = await (
    await product.api('/api/incidents')
  ).json();
  const found = incidents.find(({ title }) => title.includes(subject));
  if (!found) return false;
  return JSON.stringify(await (await product.api(`/api/incidents/${found.number}`)).json()).includes('first_look');
}

test('an incident makes no more messages than its severity is worth, however its alerts come', async () => {
  const severities = Object.keys(BUDGET) as readonly (keyof typeof BUDGET)[];
  for (const severity of severities) {
    const labels = { incident_severity: severity, deployment: `broken-${severity}`, namespace: `shop-${severity}` };
    const about = (name: string) =>
      delivery([alert(name, labels, { annotations: { summary: `Deployment broken-${severity} is down` } })]);
    expect(await product.deliver(about('Down'))).toBe(200);
    // A second alert of the same subject, and the first again.
    expect(await product.deliver(about('Slow'))).toBe(200);
    expect(await product.deliver(about('Down'))).toBe(200);
    const isDone = () => (severity === 'sev4' ? Promise.resolve(true) : looked(`broken-${severity}`));
    await until(`the first look of ${severity}`, isDone, 60);
  }
  await until('all that was made to be sent', async () => {
    const before = (await Promise.all(severities.map((each) => messagesAbout(`broken-${each}`)))).flat().length;
    await new Promise((wake) => setTimeout(wake, 2_000));
    const after = (await Promise.all(severities.map((each) => messagesAbout(`broken-${each}`)))).flat().length;
    return after === before && before > 0;
  });
  for (const severity of severities) {
    const shown = await messagesAbout(`broken-${severity}`);
    expect({ severity, shown, isWithin: shown.length <= BUDGET[severity] }).toMatchObject({ isWithin: true });
  }
}, 300_000);
