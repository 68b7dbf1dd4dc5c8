import { counted } from '../../incidents/counted.ts';
import { arrange } from '../arrange.ts';
import type { Collection, Diagnostic } from '../diagnostic.ts';
import { rank } from '../findings/finding.ts';
import { podFindings } from '../findings/pods.ts';
import {
  deploymentFindings,
  endpointFindings,
  podReasons,
  servicesOfWebhooks,
  webhookConfiguration,
} from '../findings/services.ts';
import { certificateCase, installation } from '../hypotheses/platform.ts';
import { conditioned, endpoints, pod, workload } from '../objects.ts';
import { readPart } from '../parts.ts';
import { RESOURCES, type Resource } from '../resources.ts';
import { asFinding } from './eventing.ts';

const SERVING = 'knative-serving';
/** Ingress of Knative: Kourier's own namespace, where it has one. */
const GATEWAY = 'kourier-system';

/** Knative Serving's own Deployments, its webhooks and their endpoints, certificates, and what its custom resource says. */
export const serving: Diagnostic = {
  name: 'serving',
  kubectl: () => `kubectl get deployments,pods,endpoints,knativeserving -n ${SERVING}`,
  async collect(collection) {
    const [deployments, gateways, pods, services, installed, mutating, validating, certificates] =
      await readAll(collection);
    const hooks = servicesOfWebhooks([...mutating.items, ...validating.items]);
    const all = [...deployments.items, ...gateways.items];
    const down = all.filter(
      ({ spec, status }) => (spec.replicas ?? 1) > 0 && (status.availableReplicas ?? 0) === 0,
    ).length;
    const table = arrange(
      { ...deployments.table, rows: [...deployments.table.rows, ...gateways.table.rows], total: all.length, notes: [] },
      collection.request,
    );
    const version = installed.items[0]?.status.version;
    return {
      title: 'Knative Serving',
      summary:
        all.length === 0 && deployments.state === 'read'
          ? `There are no Deployments in ${SERVING}: is Knative Serving installed?`
          : `${counted(all.length, 'Deployment')} of Knative Serving${version ? ` ${version}` : ''}, ${down === 0 ? 'each with an available replica' : `${down} without any`}; ${counted(hooks.size, 'Service')} of admission webhooks in the cluster.`,
      findings: rank([
        ...deploymentFindings(all, podReasons(pods.items)),
        ...endpointFindings(services.items, hooks).filter(({ code }) => code === 'webhook-without-endpoints'),
        ...installed.items.flatMap((one) => asFinding(installation(one))),
        ...certificates.items.flatMap((one) => asFinding(certificateCase(one, collection.clock()))),
        ...pods.items.flatMap(podFindings),
      ]),
      table,
      lines: null,
      notes: [deployments, gateways, pods, services, installed, mutating, validating, certificates]
        .flatMap(({ notes }) => notes)
        .concat(table.notes),
    };
  },
};

function readAll(collection: Collection) {
  const at = (resource: Resource) => ({ resource, namespace: resource.namespaced ? SERVING : null });
  return Promise.all([
    readPart(collection, workload, at(RESOURCES.deployments)),
    readPart(collection, workload, { resource: RESOURCES.deployments, namespace: GATEWAY }),
    readPart(collection, pod, at(RESOURCES.pods)),
    readPart(collection, endpoints, at(RESOURCES.endpoints)),
    readPart(collection, conditioned, at(RESOURCES.knativeservings)),
    readPart(collection, webhookConfiguration, at(RESOURCES.mutatingwebhookconfigurations)),
    readPart(collection, webhookConfiguration, at(RESOURCES.validatingwebhookconfigurations)),
    readPart(collection, conditioned, at(RESOURCES.certificates)),
  ]);
}
