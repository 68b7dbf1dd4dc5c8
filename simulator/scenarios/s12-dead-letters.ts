import { pinnedTo, setConditions, setRevision, setRevisionPod, setService, setTraffic } from './objects/function.ts';
import { states } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'notify-webhook';
const NEW = 'notify-webhook-00004';
const OLD = 'notify-webhook-00003';

/** A deploy of one subscriber answers 500 to one event type; after five tries each event is dead-lettered. */
export const deadLetters: Scenario = {
  id: 's12-dead-letters',
  title: 'Dead letters grow',
  about: `${NEW} answers 500 to asynchronous invocations. Knative says ready, the trigger is fine, events die.`,
  cause: 'notify-webhook-00004 answers 500 since its deploy, and its events are dead-lettered',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: `${NEW} is deployed and fails every event`, play: failing },
    { at: 240, what: 'it goes on', play: logErrors },
    {
      at: 360,
      what: 'the error rate alert fires',
      play(scene) {
        const labels = { namespace: scene.names.functionNamespace, function: FUNCTION };
        scene.fire({ name: 'KnativeLambdaFunctionErrorRate', labels, value: 1 });
      },
    },
    {
      at: 640,
      what: 'more than ten dead letters for ten minutes',
      play(scene) {
        logErrors(scene);
        scene.fire({ name: 'KnativeLambdaDLQNotEmpty', severity: 'warning', labels: dead(scene), value: 140 });
      },
    },
    {
      at: 900,
      what: 'more than a hundred',
      play: (scene) =>
        scene.fire({ name: 'KnativeLambdaDLQNotEmpty', severity: 'critical', labels: dead(scene), value: 210 }),
    },
  ],
  fix: {
    what: `send all traffic back to ${OLD}, replay a sample of ten dead letters, then the rest`,
    done: (world, names) => pinnedTo(world, names.functionNamespace, FUNCTION, OLD),
    stages: () => [
      {
        at: 10,
        what: 'events succeed again, the dead letters are replayed',
        play(scene) {
          setTraffic(scene, FUNCTION, 3, 0);
          scene.metrics.set('rabbitmq_queue_messages', { ...dead(scene), vhost: '/' }, 0);
          scene.resolveAll();
        },
      },
    ],
  },
};

const dead = (scene: Scene) => ({ namespace: scene.names.rabbitmqNamespace, queue: scene.names.deadLetterQueue });

function failing(scene: Scene): void {
  setRevision(scene, FUNCTION, OLD, [{ type: 'Ready', status: 'True' }]);
  setRevision(scene, FUNCTION, NEW, [{ type: 'Ready', status: 'True' }]);
  setRevisionPod(scene, FUNCTION, NEW, { ready: true, state: states.running(scene) });
  setService(scene, FUNCTION, { created: NEW, ready: NEW }, [
    { type: 'Ready', status: 'True' },
    { type: 'ConfigurationsReady', status: 'True' },
    { type: 'RoutesReady', status: 'True' },
  ]);
  const trigger = {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    namespace: scene.names.functionNamespace,
    name: `${FUNCTION}-trigger`,
  };
  setConditions(scene, trigger, [
    { type: 'Ready', status: 'True' },
    { type: 'SubscriberResolved', status: 'True' },
    { type: 'BrokerReady', status: 'True' },
  ]);
  setTraffic(scene, FUNCTION, 0, 0.3);
  scene.metrics.set('rabbitmq_queue_messages', { ...dead(scene), vhost: '/' }, 3, { perSecond: 0.23 });
  logErrors(scene);
}

function logErrors(scene: Scene): void {
  const pod = setRevisionPod(scene, FUNCTION, NEW, { ready: true, state: states.running(scene) });
  scene.log(
    { namespace: scene.names.functionNamespace, pod, container: 'user-container' },
    [0, 4, 8, 13].map((after) => [
      after,
      `{"level":"error","msg":"Invocation failed","type":"io.knative.lambda.invoke.async","error_type":"config","error":"WEBHOOK_URL is not set","status":500}`,
    ]),
  );
}
