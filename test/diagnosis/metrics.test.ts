import { expect, test } from '@jest/globals';
import type { Metrics } from '../../src/k8s/facts/ports.ts';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { CASES } from './cases/index.ts';
import { lookAtSnapshot } from './lookAtSnapshot.ts';

/** What is told first of a container that uses all of its CPU limit, with a metrics server or without one. */
async function told(metrics: Metrics | null) {
  const written = CASES.find(({ name }) => name === 'container-is-held-at-its-cpu-limit');
  const taken = snapshot.parse(written?.world());
  const diagnosis = await lookAtSnapshot(taken, metrics);
  return { taken, first: diagnosis.findings[0] };
}

test('a container at its CPU limit is likely held back, and it is not known by how much', async () => {
  const { first } = await told(null);
  expect(first).toMatchObject({ code: 'cpu-limit', confidence: 'likely' });
  expect(first?.because).toContain('throttling not read');
});

test('what cAdvisor counts as throttled confirms it', async () => {
  const metrics: Metrics = {
    requests: async () => null,
    async throttling(namespace) {
      const { taken } = await told(null);
      return Object.keys(taken.usage?.pods ?? {}).map((pod) => ({ namespace, pod, container: 'pricing', ratio: 0.8 }));
    },
  };
  const { first } = await told(metrics);
  expect(first).toMatchObject({ code: 'cpu-limit', confidence: 'confirmed' });
  expect(first?.conclusion).toContain('held back in 80 % of its CPU periods');
});

test('a metrics server that fails leaves the answer likely', async () => {
  const failing: Metrics = {
    requests: async () => null,
    async throttling() {
      throw new Error('no route to Prometheus');
    },
  };
  expect((await told(failing)).first).toMatchObject({ code: 'cpu-limit', confidence: 'likely' });
});
