import { describe, expect, test } from '@jest/globals';
import { at, incidentOf, lookAt, type World } from './diagnosisWorld.ts';

const IMAGE = 'registry.example.com/hello:9';
const imageMissing = (name: string, namespace: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, creationTimestamp: at(-20), labels },
  spec: { containers: [{ name: 'main', image: IMAGE }], nodeName: 'node-1' },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        name: 'main',
        image: IMAGE,
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${IMAGE}": not found` } },
      },
    ],
  },
});
const LABELS = { component: 'platform', severity: 'warning' };

function world(pod: string, namespace: string, labels: Readonly<Record<string, string>> = {}): World {
  return { lists: { [`pods ${namespace}`]: [imageMissing(pod, namespace, labels)] } };
}

async function told(name: string, where: World) {
  const { findings } = await lookAt(incidentOf(name, LABELS), where);
  return findings.map(({ role, confidence, conclusion }) => ({ role, confidence, conclusion }));
}

describe('an alert that names neither object nor namespace', () => {
  test('is not explained by what is of another part of the platform, which is told beside it', async () => {
    const findings = await told('KnativeLambdaTelemetryMissing', world('hello-00007-deployment-x', 'knative-lambda'));
    expect(findings[0]?.conclusion).toBe('Unknown: nothing that was read explains KnativeLambdaTelemetryMissing.');
    expect(findings.filter(({ role }) => role === 'cause')).toEqual([]);
    expect(findings).toContainEqual({
      role: 'elsewhere',
      confidence: 'unknown',
      conclusion: expect.stringMatching(/^Also seen, and the alert does not tell whether it is about this: .*hello/),
    });
  });

  test('is explained by what is of its own part', async () => {
    const findings = await told(
      'KnativeLambdaBuildFailureRateHigh',
      world('build-hello-x2x4z', 'knative-lambda-builds', { 'job-name': 'build-hello' }),
    );
    expect(findings[0]).toMatchObject({ role: 'cause', conclusion: expect.stringContaining(IMAGE) });
  });
});
