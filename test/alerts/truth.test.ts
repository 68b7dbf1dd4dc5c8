import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { truth } from '../../src/alerts/truth.ts';

test('exported labels win over those of the exporter', () => {
  const labels = {
    alertname: 'PodCrashing',
    namespace: 'prometheus',
    pod: 'kube-state-metrics-0',
    container: 'kube-state-metrics',
    job: 'kube-state-metrics',
    service: 'kube-state-metrics',
    exported_namespace: 'shop',
    exported_pod: 'checkout-1',
    exported_container: 'app',
    exported_service: 'checkout',
  };
  expect(truth(labels)).toEqual({
    alertname: 'PodCrashing',
    namespace: 'shop',
    pod: 'checkout-1',
    container: 'app',
    service: 'checkout',
  });
});

test('what names only the scraper is left out', () => {
  const labels = {
    job: 'j',
    service: 's',
    instance: 'i',
    endpoint: 'e',
    prometheus: 'p',
    replica: 'r',
    pod: 'checkout-1',
  };
  expect(truth(labels)).toEqual({ pod: 'checkout-1' });
});

test('beside the namespace of another object, the bare pod is the exporter’s', () => {
  expect(
    truth({ namespace: 'knative-serving', pod: 'activator-1', namespace_name: 'shop', service_name: 'f' }),
  ).toEqual({
    namespace: 'shop',
    namespace_name: 'shop',
    service_name: 'f',
    function: 'f',
  });
  expect(truth({ namespace: 'monitoring', exported_namespace: 'shop', pod: 'ksm', deployment: 'd' })).toEqual({
    namespace: 'shop',
    deployment: 'd',
  });
});

test('an exporter’s own pod is no news beside the object it reports on', () => {
  const exporter = { namespace: 'monitoring', pod: 'prom-kube-state-metrics-1', container: 'kube-state-metrics' };
  expect(truth({ ...exporter, node: 'node-b' })).toEqual({ node: 'node-b' });
  expect(truth({ ...exporter, namespace: 'shop', deployment: 'cart' })).toEqual({
    namespace: 'shop',
    deployment: 'cart',
  });
  expect(truth(exporter)).toEqual(exporter);
  expect(truth({ namespace: 'shop', pod: 'checkout-1', container: 'app', node: 'n' })).toMatchObject({
    pod: 'checkout-1',
  });
});

test('the truth of the truth is the truth, and the labels are left as they were', () => {
  const name = fc.constantFrom(
    'namespace',
    'exported_namespace',
    'pod',
    'exported_pod',
    'job',
    'exported_job',
    'node',
    'x',
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.constantFrom('a', 'b', 'node-exporter-1')), (labels) => {
      const before = { ...labels };
      const told = truth(labels);
      expect(truth(told)).toEqual(told);
      expect(labels).toEqual(before);
      expect(Object.keys(told).some((each) => each.startsWith('exported_'))).toBe(false);
    }),
  );
});
