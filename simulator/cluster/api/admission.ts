import { dig, type KubeObject } from '../object.ts';
import { badRequest } from './failure.ts';

/**
 * Checks of admission webhooks before an object is stored: of Knative's, shares of traffic that do not add up.
 * test/cluster/knative.cluster.test.ts compares it with the real webhook.
 * @throws ApiFailure 400
 */
export function admit(object: KubeObject): void {
  if (!object.apiVersion.startsWith('serving.knative.dev/') || !/^(Service|Route)$/.test(object.kind)) return;
  const traffic = dig(object.spec, 'traffic');
  // None at all is defaulted to the latest revision.
  if (!Array.isArray(traffic) || traffic.length === 0) return;
  const sum = traffic.reduce((all: number, one: unknown) => all + Number(dig(one, 'percent') ?? 0), 0);
  if (sum !== 100)
    throw badRequest(
      `admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: Traffic targets sum to ${sum}, want 100: spec.traffic`,
    );
}
