import { counted } from '../../incidents/counted.ts';
import { RESOURCES } from '../client/resources.ts';
import { knativeObject, readinessOf } from '../subjects/knative.ts';
import { pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { verdictOf } from './verdict.ts';

/** Brokers and Triggers with what keeps them from being ready, where dead letters go, and the pods that carry events. */
export const eventing: Diagnostic = {
  name: 'eventing',
  kubectl: (request) => `kubectl get triggers,brokers ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request, profile } = collection;
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
          : `${counted(triggers.items.length, 'Trigger')}, ${notReady === 0 ? 'all ready' : `${notReady} not ready`}; ${counted(brokers.items.length, 'Broker')}${queue.length > 0 ? `; ${counted(queue.length, 'pod carries', 'pods carry')} events` : ''}.`,
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
        'how many dead letters wait is a metric: /lambda diag golden',
        ...table.notes,
      ],
    };
  },
};
