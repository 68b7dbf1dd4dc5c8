import type { KubeObject } from '../../../simulator/cluster/object.ts';

/** A pod with one container `main`; `status` says what became of it. */
export function podObject(
  name: string,
  options: {
    namespace?: string;
    labels?: Record<string, string>;
    status?: object;
    spec?: object;
    owner?: KubeObject;
  } = {},
): KubeObject {
  const { namespace = 'shop', labels = {}, owner } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels,
      ...(owner
        ? {
            ownerReferences: [
              {
                apiVersion: owner.apiVersion,
                kind: owner.kind,
                name: owner.metadata.name,
                uid: owner.metadata.uid,
                controller: true,
              },
            ],
          }
        : {}),
    },
    spec: { nodeName: 'node-a', containers: [{ name: 'main', image: 'shop:1' }], ...options.spec },
    status: options.status ?? { phase: 'Running', podIPs: [{ ip: '10.0.0.7' }], containerStatuses: [ready('main')] },
  };
}

export function ready(name: string): Record<string, unknown> {
  return {
    name,
    ready: true,
    restartCount: 0,
    state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    lastState: {},
  };
}

export function jobObject(name: string, namespace = 'builds', status: object = {}): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: { app: 'builder' } },
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      template: { spec: { containers: [{ name: 'kaniko', image: 'kaniko:1' }] } },
    },
    status,
  };
}
