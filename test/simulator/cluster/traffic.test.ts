import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSimulatedPlace } from '../../cluster/simulatedPlace.ts';
import { askTraffic, outcomeOf, TRAFFIC } from '../../cluster/traffic.ts';

let place: Awaited<ReturnType<typeof openSimulatedPlace>>;

beforeAll(async () => {
  place = await openSimulatedPlace();
  const of = (kind: string, name: string, status: object) =>
    place.simulated.world.apply({
      apiVersion: 'serving.knative.dev/v1',
      kind,
      metadata: { name, namespace: 'functions' },
      spec: {},
      status,
    });
  const latest = { latestCreatedRevisionName: 'hello-00002', latestReadyRevisionName: 'hello-00002' };
  of('Service', 'hello', latest);
  of('Route', 'hello', {});
  for (const name of ['hello-00001', 'hello-00002']) of('Revision', name, {});
});
afterAll(() => place.close());

test.each(TRAFFIC)('traffic as Knative takes it: $name', async ({ asked, refused, shares, told }) => {
  const { status, text } = await askTraffic(place.api, 'functions', asked);
  expect({ status, message: JSON.parse(text).message }).toEqual({ status: refused ? 400 : 200, message: refused });
  if (refused) return;
  place.simulated.step();
  const ref = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', namespace: 'functions', name: 'hello' };
  const service = place.simulated.world.get(ref);
  expect(service && outcomeOf(service.status)).toEqual(told ? { told } : { shares });
});
