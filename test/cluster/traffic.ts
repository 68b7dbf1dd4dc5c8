import { type Answer, type ApiClient, type KubeObject, MERGE } from './apiClient.ts';

/** What is asked of the traffic of a Knative Service `hello` with the ready revisions `hello-00001` and `hello-00002`, and what comes of it. */
export interface TrafficCase {
  readonly name: string;
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** The words of the API server when it refuses. */
  readonly refused?: string;
  /** Shares by revision, once it has been followed. */
  readonly shares?: Readonly<Record<string, number>>;
  /** `RoutesReady` of the Service, once it is False. */
  readonly told?: { readonly reason: string; readonly message: string };
}

const DENIED = 'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: ';

/** The same on Knative's own webhook and controller, and on the simulator; in this order. */
export const TRAFFIC: readonly TrafficCase[] = [
  {
    name: 'shares that add up to less than 100',
    asked: [{ revisionName: 'hello-00001', percent: 90 }],
    refused: `${DENIED}Traffic targets sum to 90, want 100: spec.traffic`,
  },
  {
    name: 'shares that add up to more than 100',
    asked: [
      { revisionName: 'hello-00001', percent: 100 },
      { latestRevision: true, percent: 1 },
    ],
    refused: `${DENIED}Traffic targets sum to 101, want 100: spec.traffic`,
  },
  {
    name: 'all to an older revision',
    asked: [{ revisionName: 'hello-00001', percent: 100 }],
    shares: { 'hello-00001': 100 },
  },
  {
    name: 'a split',
    asked: [
      { revisionName: 'hello-00001', percent: 70 },
      { latestRevision: true, percent: 30 },
    ],
    shares: { 'hello-00001': 70, 'hello-00002': 30 },
  },
  {
    name: 'a revision that does not exist',
    asked: [{ revisionName: 'hello-00009', percent: 100 }],
    told: { reason: 'RevisionMissing', message: 'Revision "hello-00009" referenced in traffic not found.' },
  },
  { name: 'the latest again', asked: [{ latestRevision: true, percent: 100 }], shares: { 'hello-00002': 100 } },
];

/** Asks for it as `kubectl patch --type=merge` does. */
export function askTraffic(api: ApiClient, namespace: string, asked: TrafficCase['asked']): Promise<Answer> {
  const path = `/apis/serving.knative.dev/v1/namespaces/${namespace}/services/hello`;
  return api.call('PATCH', path, { spec: { traffic: asked } }, MERGE);
}

/** What stands in the status of the Service now, in the terms of a case. */
export function outcomeOf(status: KubeObject['status']): Pick<TrafficCase, 'shares' | 'told'> {
  const routes = status?.conditions?.find(({ type }: { type: string }) => type === 'RoutesReady');
  if (routes?.status === 'False') return { told: { reason: routes.reason, message: routes.message } };
  const traffic: readonly { revisionName: string; percent?: number }[] = status?.traffic ?? [];
  return { shares: Object.fromEntries(traffic.map(({ revisionName, percent = 0 }) => [revisionName, percent])) };
}
