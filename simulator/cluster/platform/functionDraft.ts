import type { PlatformNames } from '../../scenarios/names.ts';
import { hexOf } from '../naming.ts';
import { rfc3339 } from '../object.ts';

export interface FunctionDraft {
  readonly name: string;
  readonly runtime: 'python' | 'nodejs';
  /** Revisions so far; the last one serves. */
  readonly revisions: number;
  /** Pods right now; 0 is the normal rest of a function without traffic. */
  readonly pods: number;
}

export function imageOf(names: PlatformNames, { name }: FunctionDraft): string {
  return `${names.pullRegistry}/${names.functionNamespace}/${name}:${hexOf(`image ${name}`, 12)}`;
}

export const revisionName = (name: string, number: number) => `${name}-${String(number).padStart(5, '0')}`;
export const urlOf = (names: PlatformNames, name: string) =>
  `http://${name}.${names.functionNamespace}.svc.cluster.local`;

export function conditions(at: number, ...types: readonly string[]) {
  return types.map((type) => ({ type, status: 'True', lastTransitionTime: rfc3339(at) }));
}

export function templateOf(draft: FunctionDraft, image: string) {
  return {
    metadata: {
      annotations: {
        'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
        'autoscaling.knative.dev/min-scale': '0',
        'autoscaling.knative.dev/max-scale': '50',
        'autoscaling.knative.dev/target': '5',
      },
    },
    spec: {
      containerConcurrency: 10,
      timeoutSeconds: 300,
      containers: [
        {
          name: 'user-container',
          image,
          env: [{ name: 'FUNCTION_NAME', value: draft.name }],
          resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '128Mi' } },
        },
      ],
    },
  };
}
