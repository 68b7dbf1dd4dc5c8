import { expect, test } from '@jest/globals';
import { at, crashLoop, ended, incidentOf, lookAt, pod, type World } from './diagnosisWorld.ts';

const node = (name: string, addresses: readonly string[], ready = 'True') => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, creationTimestamp: at(-9_000) },
  spec: {},
  status: {
    addresses: addresses.map((address) => ({ type: 'InternalIP', address })),
    conditions: [
      {
        type: 'Ready',
        status: ready,
        reason: 'KubeletNotReady',
        message: 'PLEG is not healthy',
        lastTransitionTime: at(-12),
      },
    ],
  },
});
const WORLD: World = {
  lists: {
    nodes: [
      node('worker-1', ['10.0.0.7', 'fd00::7'], 'False'),
      node('worker-2', ['10.0.0.8']),
      node('worker-3', ['10.0.0.8']),
    ],
  },
};
const exporter = (instance: string) => ({ instance, job: 'node-exporter', severity: 'warning' });

test.each(['10.0.0.7:9100', '[fd00::7]:9100', 'worker-1:9100', 'http://10.0.0.7:9100/metrics'])(
  'an alert measured at %s is about the node with that address, and what ails it is the cause',
  async (instance) => {
    const { nodes, findings } = await lookAt(incidentOf('NodeMemoryHighUtilization', exporter(instance)), WORLD);
    expect(nodes).toEqual([{ instance, node: 'worker-1' }]);
    expect(findings[0]).toMatchObject({ role: 'cause', conclusion: expect.stringContaining('worker-1') });
  },
);

test.each(['10.0.0.9:9100', '10.0.0.8:9100', 'db-1:9187'])(
  '%s stays an address where it is no node’s, or of two',
  async (instance) => {
    const { nodes } = await lookAt(incidentOf('NodeMemoryHighUtilization', exporter(instance)), WORLD);
    expect(nodes).toEqual([]);
  },
);

test('nodes that cannot be read leave the address and end no look', async () => {
  const refuse = (path: string) => (path.endsWith('/nodes') ? 403 : null);
  const { nodes, findings } = await lookAt(incidentOf('NodeMemoryHighUtilization', exporter('10.0.0.7:9100')), {
    ...WORLD,
    refuse,
  });
  expect(nodes).toEqual([]);
  expect(findings[0]?.confidence).toBe('unknown');
});

test('a list of nodes that does not end in time leaves the address, and the look tells the rest', async () => {
  const { nodes, findings, isMade, asked } = await lookAt(
    incidentOf('TargetDown', { instance: '10.0.0.7:8080', job: 'web', namespace: 'shop', severity: 'warning' }),
    {
      lists: {
        ...WORLD.lists,
        'pods shop': [
          pod('web-1', 'shop', { state: crashLoop, lastState: ended(1, 'Error'), ready: false, restarts: 9 }),
        ],
      },
      endless: (path) => path.endsWith('/nodes'),
      deadlineMs: 10_000,
    },
  );
  expect(asked.some((url) => url.includes('/nodes'))).toBe(true);
  expect(nodes).toEqual([]);
  expect(isMade).toBe(true);
  expect(findings.some(({ subject }) => subject.name === 'web-1')).toBe(true);
});

test('a part of the nodes decides no address: another may have it too', async () => {
  const { nodes } = await lookAt(incidentOf('NodeMemoryHighUtilization', exporter('10.0.0.7:9100')), {
    ...WORLD,
    cut: (path) => path.endsWith('/nodes'),
  });
  expect(nodes).toEqual([]);
});
