import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Product, shown, startProduct, until } from './product.ts';
import { typed } from './program.ts';

let folder: string;
let product: Product;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drill-'));
  writeFileSync(join(folder, 'responder.yaml'), 'mentions: { group: oncall }\n');
  product = await startProduct({ RESPONDER_CONFIG: join(folder, 'responder.yaml') });
});

afterEach(async () => {
  await product.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As it is typed in another terminal. */
const terminal = (...argv: readonly string[]) => typed(argv, { WORKSPACE_PORT: new URL(product.page).port });

const cards = async () =>
  (await product.workspace.messages('#incidents')).filter((message) =>
    shown(message).includes('KnativeLambdaOperatorDown'),
  );

test('a drill from another terminal is an incident marked DRILL to the post-mortem, and calls nobody', async () => {
  expect(await terminal('drill')).toMatchObject({ code: 0, out: expect.stringContaining('s13-control-plane-crash') });
  expect(await terminal('drill', 's13', '--speed', '100')).toEqual({
    code: 0,
    out: expect.stringContaining('DRILL s13-control-plane-crash has begun'),
    err: '',
  });
  const card = await until('the card of the drill', async () => (await cards())[0]);
  expect(card.text).toMatch(/DRILL.*SEV1/s);
  expect(shown(card)).toContain('[DRILL]');
  const number = /#(\d+)/.exec(shown(card))?.[1];
  const { incident, timeline } = await (await product.api(`/api/incidents/${number}`)).json();
  expect(incident).toMatchObject({ drill: true, severity: 'sev1' });
  const opened = timeline.find((entry: { kind: string }) => entry.kind === 'opened');
  expect(opened?.text).toMatch(/^DRILL, opened as SEV1/);
  expect(await (await product.api(`/api/incidents/${number}/postmortem`)).text()).toMatch(/^# DRILL: /);
  expect(shown(card)).not.toContain('<!subteam^');

  // The same failure for real, at the same time: an incident of its own that calls the people on call.
  await fetch(`${product.scenarios}/s13/start`, { method: 'POST', body: '{"speed":100}' });
  await until('the real card', async () => (await cards()).find((each) => !shown(each).includes('DRILL')));
  // The message as it was posted: an edit of the card mentions nobody again, and may have come already.
  const posts = (await product.workspace.calls('chat.postMessage')).filter(
    ({ args }) => args.thread_ts === undefined && JSON.stringify(args).includes('KnativeLambdaOperatorDown'),
  );
  const called = posts.filter(({ args }) => JSON.stringify(args.blocks).includes('<!subteam^'));
  expect(called).toHaveLength(1);
  expect(JSON.stringify(called)).not.toContain('DRILL');
}, 180_000);

test('a scenario that does not exist is answered with those that are near', async () => {
  const { code, err } = await terminal('drill', 's1');
  expect({ code, err }).toEqual({ code: 1, err: 'There is no scenario “s1”.\nDid you mean s10, s11, s12?\n' });
});
