import type { Labels } from '../../src/alerts/alert.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { correlationKey, namespaceOf, subjectOf } from '../../src/incidents/subject.ts';
import { createFirstLook, type LookResult } from '../../src/k8s/look/firstLook.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';
import { failure, json, open, startApiServer } from './servers.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

/** What an API server holds, by `kind namespace` (`pods shop`, `nodes`), and its logs by `pod/container` (`!` for the previous). */
export interface World {
  readonly lists?: Readonly<Record<string, readonly object[]>>;
  readonly logs?: Readonly<Record<string, string>>;
  /** Answers instead: an HTTP status for a path; null to go on. */
  readonly refuse?: (path: string) => number | null;
  /** Lists without an end: each page comes after a second, and another one is to come. */
  readonly endless?: (path: string) => boolean;
  /** Milliseconds the look has in all; a minute unless told. */
  readonly deadlineMs?: number;
  /** Lists whose first page is all that comes: there would be more than anybody reads. */
  readonly cut?: (path: string) => boolean;
}

/** An incident as one alert of these labels opens it, ten minutes ago. */
export function incidentOf(
  name: string,
  labels: Labels,
  profile: keyof typeof PROFILES = 'builder',
): IncidentWithAlerts {
  const subject = subjectOf({ name, labels }, PROFILES[profile]);
  const namespace = namespaceOf(labels);
  const startedAt = NOW - 10 * 60_000;
  return {
    incident: incidentAt(startedAt, {
      number: 1,
      cluster: 'test',
      namespace,
      subject,
      correlationKey: correlationKey('test', namespace, subject),
      title: name,
    }),
    alerts: [
      incidentAlertAt(startedAt, { incidentNumber: 1, cluster: 'test', name, labels: { alertname: name, ...labels } }),
    ],
  };
}

/** A first look at this incident in this world, over HTTP. */
export async function lookAt(
  known: IncidentWithAlerts,
  world: World,
  profile: keyof typeof PROFILES = 'builder',
): Promise<LookResult & { readonly asked: readonly string[] }> {
  const server = await startApiServer(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://here');
    const isCut = world.cut?.(pathname) ?? false;
    if (isCut && searchParams.has('continue'))
      return failure(response, 410, 'The provided continue parameter is too old');
    const refused = world.refuse?.(pathname) ?? null;
    if (refused !== null)
      return failure(response, refused, `refused: ${pathname}`, refused === 429 ? { 'retry-after': '30' } : {});
    const log = /\/pods\/([^/]+)\/log$/.exec(pathname);
    if (log) {
      const text = world.logs?.[`${log[1]}/${searchParams.get('container')}${searchParams.get('previous') ? '!' : ''}`];
      if (text === undefined) return failure(response, 404, 'container not found');
      response.writeHead(200, { 'content-type': 'text/plain' });
      return void response.end(
        text
          .split('\n')
          .map((line) => `${at(-1)} ${line}`)
          .join('\n'),
      );
    }
    const [, namespace, kind = ''] =
      /^\/apis?(?:\/[\w.-]+)*?\/v\w+(?:\/namespaces\/([\w-]+))?\/(\w+)$/.exec(pathname) ?? [];
    const items = world.lists?.[namespace ? `${kind} ${namespace}` : kind] ?? [];
    const wanted = /^metadata\.name=(.+)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
    const rows = items
      .filter((object) => wanted === undefined || JSON.stringify(object).includes(`"name":"${wanted}"`))
      .map((object) => ({ cells: ['x'], object }));
    const isEndless = world.endless?.(pathname) ?? false;
    const metadata = isCut || isEndless ? { continue: `${searchParams.get('continue') ?? ''}+` } : {};
    const answer = { kind: 'Table', metadata, columnDefinitions: [{ name: 'Name' }], rows };
    if (isEndless) setTimeout(json, 1_000, response, answer);
    else json(response, answer);
  });
  const access = open(server.kubeconfig(), { name: 'test' });
  try {
    const look = createFirstLook({
      clusters: new Map([['test', access]]),
      defaultCluster: 'test',
      profile: PROFILES[profile],
      redactor: createRedactor(),
      clock: () => NOW,
    });
    const result = await look(known, AbortSignal.timeout(world.deadlineMs ?? 60_000));
    return { ...result, asked: server.asked.map(({ url }) => url) };
  } finally {
    await access.close();
    await server.close();
  }
}

/** A pod with one container, as the kubelet reports it. */
export function pod(
  name: string,
  namespace: string,
  container: {
    readonly name?: string;
    readonly state?: object;
    readonly lastState?: object;
    readonly ready?: boolean;
    readonly restarts?: number;
    readonly limit?: string;
    readonly image?: string;
  } = {},
  over: {
    readonly labels?: Labels;
    readonly owner?: { kind: string; name: string };
    readonly status?: object;
    readonly node?: string;
  } = {},
): object {
  const {
    name: of = 'app',
    state = { running: { startedAt: at(-60) } },
    lastState = {},
    ready = true,
    restarts = 0,
    limit,
    image = 'shop/app:1',
  } = container;
  const phase = 'running' in state || 'waiting' in state ? 'Running' : 'Failed';
  return {
    metadata: {
      name,
      namespace,
      labels: over.labels ?? {},
      creationTimestamp: at(-60),
      ...(over.owner ? { ownerReferences: [over.owner] } : {}),
    },
    spec: {
      nodeName: over.node ?? 'node-1',
      containers: [{ name: of, image, resources: limit ? { limits: { memory: limit } } : {} }],
    },
    status: {
      phase,
      startTime: at(-60),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(-5) }],
      containerStatuses: [{ name: of, image, ready, restartCount: restarts, state, lastState }],
      ...over.status,
    },
  };
}

export const ended = (exitCode: number, reason: string, minutes = -6, message?: string) => ({
  terminated: {
    exitCode,
    reason,
    startedAt: at(minutes - 1),
    finishedAt: at(minutes),
    ...(message ? { message } : {}),
  },
});
export const crashLoop = {
  waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' },
};

/** A build Job that failed, and its pod. */
export function failedBuild(
  name: string,
  namespace: string,
  terminated: object,
  over: { readonly minutes?: number; readonly pod?: object } = {},
): { readonly job: object; readonly pod: object } {
  const job = `${name}-build-1772366400`;
  const minutes = over.minutes ?? -8;
  return {
    job: {
      metadata: { name: job, namespace, creationTimestamp: at(minutes - 1) },
      spec: { backoffLimit: 0 },
      status: {
        failed: 1,
        startTime: at(minutes - 1),
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
            lastTransitionTime: at(minutes),
          },
        ],
      },
    },
    pod: pod(
      `${job}-x7k2p`,
      namespace,
      { name: 'kaniko', state: terminated, ready: false, limit: '4Gi' },
      { owner: { kind: 'Job', name: job }, labels: { 'job-name': job }, ...over.pod },
    ),
  };
}
