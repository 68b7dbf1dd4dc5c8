import { ResponderError } from '../../errors.ts';
import { RESOURCES } from '../client/resources.ts';
import { instant } from '../subjects/instant.ts';
import type { LogExcerpt } from '../subjects/inventory.ts';
import type { Kind } from '../subjects/kinds.ts';
import { type KnativeObject, knativeObject, readinessOf, revisionOfPod, trafficOf } from '../subjects/knative.ts';
import { isReady, isSick, type Pod, pod, statusesOf } from '../subjects/pod.ts';
import { type FunctionChain, serving } from './chain.ts';
import { chainTable } from './chainTable.ts';
import { type Collected, type Collection, type Diagnostic, place, splitName } from './diagnostic.ts';
import { named, readPart } from './parts.ts';
import { ready, rowsOnPhone } from './phone.ts';
import { eventsAbout } from './podEvents.ts';
import { readLogTail } from './readLog.ts';
import { type Read, verdictOf } from './verdict.ts';

const SHOWN_REVISIONS = 5;
const WITH_LOGS = 2;
const TAIL = 60;

export const functionChain: Diagnostic = {
  name: 'function',
  phone: rowsOnPhone({
    parts: ['NAME', ready, 'REASON', 'TRAFFIC', 'DETAIL'],
    isWell: (cell) => cell('READY') === 'True' && /^(?:|-|0%)$/.test(cell('TRAFFIC')) && /^rev/.test(cell('NAME')),
    well: 'ready and without traffic',
  }),
  kubectl: (request) =>
    `kubectl get ksvc,configuration,revision,route,pods ${place(request)} -l serving.knative.dev/service=${request.name ?? ''}`,
  async collect(collection) {
    const { request } = collection;
    const [, name] = splitName(request.name);
    const namespace = request.namespace;
    if (name === null || namespace === null)
      throw new ResponderError('bad_input', 'Which function?', { hint: 'Name it: /lambda diag function NAME' });
    const { chain, notes } = await readChain(collection, name, namespace);
    const [explained, ofLogs] = await Promise.all([
      eventsAbout(
        collection,
        chain.pods.filter((one) => isSick(one, collection.clock())),
      ),
      readLogs(collection, chain),
    ]);
    const findings = verdictOf(
      collection,
      { ...objectsOf(chain), Event: { items: explained.events, isWhole: false } },
      ofLogs.logs,
    );
    const more = chain.revisions.length - shownRevisions(chain).length;
    return {
      title: `Function ${name} in ${namespace}`,
      summary: summaryOf(chain),
      findings,
      table: chainTable(chain, shownRevisions(chain), collection.clock()),
      lines: null,
      notes: [
        ...notes,
        ...explained.notes,
        ...ofLogs.notes,
        ...(more > 0 ? [`${more} older ${more === 1 ? 'revision is' : 'revisions are'} not shown`] : []),
      ],
    } satisfies Collected;
  },
};

async function readChain(
  collection: Collection,
  name: string,
  namespace: string,
): Promise<{ chain: FunctionChain; notes: readonly string[] }> {
  const one = (resource: Parameters<typeof readPart>[2]['resource']) =>
    readPart(collection, knativeObject, { resource, ...named(name) });
  const selector = `serving.knative.dev/service=${name}`;
  const operator = collection.profile.name === 'operator';
  const [service, configuration, route, ingress, revisions, pods, lambda] = await Promise.all([
    one(RESOURCES.ksvc),
    one(RESOURCES.configurations),
    one(RESOURCES.routes),
    one(RESOURCES.kingresses),
    readPart(collection, knativeObject, { resource: RESOURCES.revisions, selector }),
    readPart(collection, pod, { resource: RESOURCES.pods, selector }),
    operator ? one(RESOURCES.lambdafunctions) : null,
  ]);
  const found = service.items[0] ?? null;
  const parts = [service, configuration, route, ingress, revisions, pods, ...(lambda ? [lambda] : [])];
  if (!found && !lambda?.items[0] && service.state !== 'failed') throw notFound(name, namespace, service.state);
  const unlisted = await readUnlisted(collection, found, revisions.items);
  const newest = [...revisions.items, ...unlisted].toSorted((a, b) => bornAt(b) - bornAt(a) || number(b) - number(a));
  const autoscalers = await readAutoscalers(collection, serving({ service: found, route: route.items[0] ?? null }));
  const chain: FunctionChain = {
    name,
    namespace,
    lambda: lambda?.items[0] ?? null,
    service: found,
    configuration: configuration.items[0] ?? null,
    route: route.items[0] ?? null,
    ingress: ingress.items[0] ?? null,
    revisions: newest,
    autoscalers: autoscalers.items,
    pods: pods.items,
    podsRead: pods.state === 'read',
    unread: failedOf({
      KnativeService: service,
      Configuration: configuration,
      Route: route,
      KnativeIngress: ingress,
      Revision: revisions,
      ...(lambda ? { LambdaFunction: lambda } : {}),
    }),
    isWhole: pods.isWhole && revisions.isWhole,
  };
  return { chain, notes: [...parts.flatMap(({ notes }) => notes), ...autoscalers.notes] };
}

function failedOf(parts: { readonly [K in Kind]?: { readonly state: string } }): ReadonlySet<Kind> {
  return new Set(Object.entries(parts).flatMap(([kind, { state }]) => (state === 'failed' ? [kind as Kind] : [])));
}

/** Lists are in the order of names, so the newest of very many revisions are cut off: those that matter are asked for by name. */
async function readUnlisted(
  collection: Collection,
  service: KnativeObject | null,
  listed: readonly KnativeObject[],
): Promise<readonly KnativeObject[]> {
  const { latestCreatedRevisionName: created, latestReadyRevisionName: ready } = service?.status ?? {};
  const known = new Set(listed.map(({ metadata }) => metadata.name));
  const wanted = [...new Set([created, ready, ...serving({ service, route: null })])].filter(
    (name) => name !== undefined && !known.has(name),
  );
  const read = await Promise.all(
    wanted
      .slice(0, SHOWN_REVISIONS)
      .map((name) => readPart(collection, knativeObject, { resource: RESOURCES.revisions, ...named(name ?? '') })),
  );
  return read.flatMap(({ items }) => items);
}

function readAutoscalers(collection: Collection, revisions: readonly string[]) {
  if (revisions.length === 0) return { items: [], notes: [] };
  return readPart(collection, knativeObject, {
    resource: RESOURCES.podautoscalers,
    selector: `serving.knative.dev/revision in (${revisions.slice(0, 20).join(',')})`,
    limit: 20,
  });
}

function notFound(name: string, namespace: string, state: 'read' | 'absent'): ResponderError {
  if (state === 'absent')
    return new ResponderError('not_found', `there is no function ${name}: this cluster has no Knative Serving`, {
      hint: 'For a Deployment or a pod ask: /lambda diag rollouts, /lambda diag pods',
    });
  return new ResponderError('not_found', `there is no function ${name} in ${namespace}`, {
    hint: 'Its namespace goes after -n. What runs there: /lambda diag pods',
  });
}

const bornAt = (of: KnativeObject) => instant(of.metadata.creationTimestamp) ?? 0;
const number = (of: KnativeObject) => Number(/-(\d+)$/.exec(of.metadata.name)?.[1] ?? 0);

/** Those that serve, the newest, and those with pods; no more than fit. */
function shownRevisions(chain: FunctionChain): readonly KnativeObject[] {
  const wanted = new Set([
    ...serving(chain),
    chain.service?.status.latestCreatedRevisionName,
    chain.service?.status.latestReadyRevisionName,
    ...chain.pods.map((one) => revisionOfPod(one) ?? undefined),
  ]);
  return chain.revisions.filter(({ metadata }) => wanted.has(metadata.name)).slice(0, SHOWN_REVISIONS);
}

/** The last words of unhealthy user-containers; of a healthy one too, since a handler that fails to load looks healthy. */
async function readLogs(collection: Collection, chain: FunctionChain) {
  const ill = chain.pods.filter((one) => isSick(one, collection.clock())).slice(0, WITH_LOGS);
  const chosen = ill.length > 0 ? ill : chain.pods.slice(0, 1);
  const read = await Promise.all(
    chosen.flatMap((one) => {
      const status = userContainer(one);
      if (!status || (!status.state?.running && !status.restartCount && !status.state?.terminated)) return [];
      const previous = Boolean(status.state?.waiting && status.restartCount);
      const tail = readLogTail(collection, one, status.name, { tail: TAIL, previous });
      return [tail.then(({ lines, notes }) => ({ log: excerpt(one, status.name, previous, lines), notes }))];
    }),
  );
  return { logs: read.map(({ log }) => log), notes: read.flatMap(({ notes }) => notes) };
}

function excerpt(of: Pod, container: string, previous: boolean, lines: LogExcerpt['lines']): LogExcerpt {
  const { name, namespace = '' } = of.metadata;
  return { namespace, pod: name, container, previous, lines, missing: null };
}

/** The objects of the chain by kind, as rules take them; what was not read is left out. */
function objectsOf(chain: FunctionChain): Read {
  const all = allOf(chain);
  return Object.fromEntries(Object.entries(all).filter(([kind]) => !chain.unread.has(kind as Kind)));
}

function allOf(chain: FunctionChain): Read {
  // By name: of each kind there is this one, or none.
  const one = (of: KnativeObject | null) => ({ items: of ? [of] : [], isWhole: true });
  return {
    KnativeService: one(chain.service),
    Configuration: one(chain.configuration),
    Route: one(chain.route),
    KnativeIngress: one(chain.ingress),
    LambdaFunction: one(chain.lambda),
    Revision: { items: chain.revisions, isWhole: chain.isWhole },
    PodAutoscaler: { items: chain.autoscalers, isWhole: false },
    ...(chain.podsRead ? { Pod: { items: chain.pods, isWhole: chain.isWhole } } : {}),
  };
}

function userContainer(one: Pod) {
  const all = statusesOf(one);
  return all.find(({ name }) => name === 'user-container') ?? all.find(({ name }) => name !== 'queue-proxy');
}

function summaryOf(chain: FunctionChain): string {
  const shares = [...trafficOf(chain.service)].map(([revision, percent]) => `${percent} % to ${revision}`).join(', ');
  const ready = chain.pods.filter(isReady);
  const pods = !chain.podsRead
    ? 'pods not read'
    : chain.pods.length === 0
      ? 'no pods (scaled to zero or never started)'
      : `${chain.isWhole ? '' : 'at least '}${ready.length} of ${chain.pods.length} pods ready`;
  const phase = chain.lambda?.status.phase;
  const isUnread = chain.unread.has('KnativeService');
  const traffic = shares ? `traffic ${shares}` : isUnread ? 'traffic not known' : 'no traffic assigned';
  const state = !chain.service
    ? isUnread
      ? 'its Knative Service could not be read'
      : 'no Knative Service'
    : readinessOf(chain.service) === 'true'
      ? 'Knative says ready'
      : 'Knative says not ready';
  return `${[state, phase ? `phase ${phase}` : '', pods, traffic].filter(Boolean).join('; ')}.`;
}
