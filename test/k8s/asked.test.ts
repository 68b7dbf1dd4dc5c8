import { expect, test } from '@jest/globals';
import { readInWords } from '../../src/k8s/client/readInWords.ts';

test.each([
  ['/api/v1/pods', 'cluster eu: list pods', 'kubectl auth can-i list pods -A'],
  ['/api/v1/namespaces', 'cluster eu: list namespaces', 'kubectl auth can-i list namespaces -A'],
  ['/api/v1/namespaces/shop', 'cluster eu: get namespaces shop', 'kubectl auth can-i get namespaces -A'],
  ['/api/v1/namespaces/shop/pods', 'cluster eu: list pods in shop', 'kubectl auth can-i list pods -n shop'],
  [
    '/api/v1/namespaces/shop/pods/a-1/log',
    'cluster eu: get pods/log a-1 in shop',
    'kubectl auth can-i get pods/log -n shop',
  ],
  [
    '/apis/batch/v1/namespaces/shop/jobs/b',
    'cluster eu: get jobs.batch b in shop',
    'kubectl auth can-i get jobs.batch -n shop',
  ],
  ['/version', 'cluster eu: GET /version', null],
  ['/apis', 'cluster eu: GET /apis', null],
])('a read of %s is told by cluster, verb, resource and place', (path, text, check) => {
  expect(readInWords('eu', path.split('/').slice(1))).toEqual({ text, check });
});
