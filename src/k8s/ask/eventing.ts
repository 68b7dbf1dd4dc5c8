import { coerceError } from '../../errors.ts';
import { counted } from '../../wording/counts.ts';
import { RESOURCES } from '../client/resources.ts';
import type { Depth, Queues } from '../facts/ports.ts';
import { knativeObject, readinessOf } from '../subjects/knative.ts';
import { pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { readyOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

/** Brokers and Triggers with what keeps them from being ready, where dead letters go, and the pods that carry events. */
export const eventing: Diagnostic = {
  name: 'eventing',
  phone: readyOnPhone,
  kubectl: (request) => `kubectl get triggers,brokers ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request, profile, queues = null } = collection;
    const depths = await depthsOf(queues, request.signal);
    const [triggers, brokers, carriers] = await Promise.all([
      readPart(collection, knativeObject, { resource: RESOURCES.triggers }),
      readPart(collection, knativeObject, { resource: RESOURCES.brokers }),
      readPart(collection, pod, { resource: RESOURCES.pods, namespace: profile.rabbitmqNamespace }),
    ]);
    const where = namespaceOf(request) ?? 'all namespaces';
    const queue = carriers.items.filter(({ metadata }) => /rabbit|broker|dispatcher|ingress/i.test(metadata.name));
    const notReady = triggers.items.filter((one) => readinessOf(one) !== 'true').length;
    const lossy = triggers.items.filter((one) => !one.status.deadLetterSinkUri).length;
    const table = arrange({ ...(triggers.items.length > 0 ? triggers.table : brokers.table), notes: [] }, request);
    return {
      title: `Eventing in ${where}`,
      summary:
        triggers.state === 'absent'
          ? 'Knative Eventing is not installed in this cluster.'
          : `${[
              // Conditions that are all True say nothing of what could not be delivered.
              ...(depths.areLost ? [depths.says] : []),
              `${counted(triggers.items.length, 'Trigger')}, ${notReady === 0 ? 'all ready by their conditions' : `${notReady} not ready`}`,
              counted(brokers.items.length, 'Broker'),
              ...(queue.length > 0 ? [`${counted(queue.length, 'pod carries', 'pods carry')} events`] : []),
              ...(depths.areLost ? [] : [depths.says]),
            ].join('; ')}.`,
      findings: verdictOf(collection, {
        Broker: brokers,
        Trigger: triggers,
        Pod: { items: queue, isWhole: false },
      }),
      table,
      lines: null,
      notes: [
        ...triggers.notes,
        ...brokers.notes,
        ...carriers.notes,
        ...(lossy > 0
          ? [
              `${counted(lossy, 'Trigger names', 'Triggers name')} no dead letter sink of their own; without one at the Broker what cannot be delivered is lost`,
            ]
          : []),
        ...depths.notes,
        ...table.notes,
      ],
    };
  },
};

/** A queue for what could not be delivered, by the names Knative's RabbitMQ Broker and people give it. */
const DEAD = /dlq|dlx|dead[-_. ]?letter|\bdead\b/i;

/** The queue depth in words: conditions that are all True do not show it. */
async function depthsOf(queues: Queues | null, signal: AbortSignal) {
  const unread = {
    says: 'the number of queued messages is not known',
    areLost: false,
    notes: ['queue depths are not measured here: no metrics of RabbitMQ in Prometheus'],
  };
  if (queues === null) return unread;
  try {
    const depths = await queues.depths(signal);
    if (depths === null) return unread;
    const [dead, live] = [
      depths.filter(({ queue }) => DEAD.test(queue)),
      depths.filter(({ queue }) => !DEAD.test(queue)),
    ];
    const sum = (some: readonly Depth[]) => Math.round(some.reduce((total, { messages }) => total + messages, 0));
    const notes = depths
      .filter(({ messages }) => messages > 0)
      .slice(0, 5)
      .map(({ queue, messages }) => `${queue}: ${Math.round(messages)} messages`);
    return {
      areLost: sum(dead) > 0,
      says: `${counted(sum(live), 'queued message')}, ${counted(sum(dead), 'dead letter')}`,
      notes,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return {
      says: 'the number of queued messages could not be read',
      areLost: false,
      notes: [`queue depths: ${coerceError(thrown).message}`],
    };
  }
}
