import { z } from 'zod';
import { SERVING_NAMESPACE } from '../../alerts/profile.ts';
import { counted } from '../../wording/counts.ts';
import { RESOURCES, type Resource } from '../client/resources.ts';
import { knativeObject } from '../subjects/knative.ts';
import { metadata } from '../subjects/object.ts';
import { pod } from '../subjects/pod.ts';
import { service } from '../subjects/service.ts';
import { availableReplicas, isScaledToZero, workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import type { Collection, Diagnostic } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { replicasOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

/** Ingress of Knative: Kourier's own namespace, where it has one. */
const GATEWAY = 'kourier-system';

/** Knative Serving's own Deployments, its webhooks and their endpoints, certificates, and what its custom resource says. */
export const serving: Diagnostic = {
  name: 'serving',
  phone: replicasOnPhone,
  kubectl: () => `kubectl get deployments,pods,services,knativeserving -n ${SERVING_NAMESPACE}`,
  async collect(collection) {
    const [deployments, gateways, pods, services, installed, mutating, validating, certificates] =
      await readAll(collection);
    const hooks = servicesOfWebhooks([...mutating.items, ...validating.items]);
    const all = [...deployments.items, ...gateways.items];
    const down = all.filter((one) => !isScaledToZero(one) && availableReplicas(one) === 0).length;
    const table = arrange(
      { ...deployments.table, rows: [...deployments.table.rows, ...gateways.table.rows], total: all.length, notes: [] },
      collection.request,
    );
    const version = installed.items[0]?.status.version;
    return {
      title: 'Knative Serving',
      summary:
        all.length === 0 && deployments.state === 'read'
          ? `There are no Deployments in ${SERVING_NAMESPACE}: is Knative Serving installed?`
          : `${counted(all.length, 'Deployment')} of Knative Serving${version ? ` ${version}` : ''}, ${down === 0 ? 'each with an available replica' : `${down} without any`}; ${counted(hooks.size, 'Service')} of admission webhooks in the cluster.`,
      findings: verdictOf(collection, {
        Deployment: { items: all, isWhole: deployments.isWhole && gateways.isWhole },
        Pod: pods,
        Service: {
          items: services.items.filter(({ metadata: of }) => hooks.has(`${of.namespace}/${of.name}`)),
          isWhole: false,
        },
        KnativeServing: installed,
        Certificate: certificates,
      }),
      table,
      lines: null,
      notes: [deployments, gateways, pods, services, installed, mutating, validating, certificates]
        .flatMap(({ notes }) => notes)
        .concat(table.notes),
    };
  },
};

function readAll(collection: Collection) {
  const at = (resource: Resource) => ({ resource, namespace: resource.namespaced ? SERVING_NAMESPACE : null });
  return Promise.all([
    readPart(collection, workload, at(RESOURCES.deployments)),
    readPart(collection, workload, { resource: RESOURCES.deployments, namespace: GATEWAY }),
    readPart(collection, pod, at(RESOURCES.pods)),
    readPart(collection, service, at(RESOURCES.services)),
    readPart(collection, knativeObject, at(RESOURCES.knativeservings)),
    readPart(collection, webhookConfiguration, at(RESOURCES.mutatingwebhookconfigurations)),
    readPart(collection, webhookConfiguration, at(RESOURCES.validatingwebhookconfigurations)),
    readPart(collection, knativeObject, at(RESOURCES.certificates)),
  ]);
}

/** The Services that admission webhooks call, as `namespace/name`. */
const webhookConfiguration = z.object({
  metadata,
  webhooks: z
    .array(
      z.object({
        name: z.string().catch(''),
        clientConfig: z
          .object({ service: z.object({ namespace: z.string(), name: z.string() }).optional().catch(undefined) })
          .catch({}),
      }),
    )
    .optional()
    .catch(undefined),
});

function servicesOfWebhooks(configurations: readonly z.output<typeof webhookConfiguration>[]): ReadonlySet<string> {
  return new Set(
    configurations.flatMap(({ webhooks }) =>
      (webhooks ?? []).flatMap(({ clientConfig: { service } }) =>
        service ? [`${service.namespace}/${service.name}`] : [],
      ),
    ),
  );
}
