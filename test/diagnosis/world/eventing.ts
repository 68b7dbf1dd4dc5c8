import type { Span } from './clock.ts';
import { type KnativeObject, setConditions } from './knative.ts';
import { LONG_AGO, type World } from './world.ts';

/** An object of Knative Eventing with its conditions, all True. */
export function eventing(
  world: World,
  kind: 'Broker' | 'Trigger',
  name: string,
  spec: Record<string, unknown>,
  age: Span = LONG_AGO,
): KnativeObject {
  const types =
    kind === 'Broker'
      ? [
          'Addressable',
          'DeadLetterSinkResolved',
          'EventPoliciesReady',
          'FilterReady',
          'IngressReady',
          'Ready',
          'TriggerChannelReady',
        ]
      : [
          'BrokerReady',
          'DeadLetterSinkResolved',
          'DependencyReady',
          'OIDCIdentityCreated',
          'Ready',
          'SubscriberResolved',
          'SubscriptionReady',
        ];
  const built = world.add<KnativeObject>({
    apiVersion: 'eventing.knative.dev/v1',
    kind,
    metadata: world.metadata(kind, name, { age, generation: 1 }),
    spec,
    status: { observedGeneration: 1, conditions: [] },
  });
  setConditions(world, built, Object.fromEntries(types.map((type) => [type, true])), age);
  return built;
}
