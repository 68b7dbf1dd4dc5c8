import { expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { functionChain } from '../../src/k8s/ask/function.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { asking } from '../builders/diagnostics.ts';
import { CASES } from './cases/index.ts';

const FUNCTION = CASES.find(({ name }) => name === 'knative-service-is-scaled-to-zero');

async function ask(unread: readonly string[]) {
  if (!FUNCTION) throw new Error('no such case');
  const taken = snapshot.parse({ ...FUNCTION.world(), unread: unread.map((what) => ({ what, how: 'timeout' })) });
  const name = taken.objects.find(({ apiVersion }) => apiVersion.startsWith('serving.'))?.metadata.name ?? '';
  const request = asking('function', { namespace: taken.namespace, name });
  return functionChain.collect({
    cluster: replayed(taken),
    request,
    profile: PROFILES.builder,
    clock: () => momentOf(taken),
  });
}

test('of a function whose Knative Service did not come in time nothing is said but that', async () => {
  const { summary, findings, notes } = await ask(['services']);
  expect(summary).toMatch(/^its Knative Service could not be read; .*traffic not known/);
  expect(findings.map(({ conclusion }) => conclusion).join(' ')).not.toMatch(/no Knative Service|does not exist/);
  expect(notes.join(' ')).toMatch(/services.*did not answer in time/);
});

test('of one that was read its state is told', async () => {
  const { summary } = await ask([]);
  expect(summary).toMatch(/^Knative says ready/);
});
