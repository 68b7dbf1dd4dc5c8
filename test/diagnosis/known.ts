/** Cases that are not answered yet, and why: each is expected to fail, and one that passes has to leave the list. */
export const KNOWN: Readonly<Record<string, string>> = {
  'client-calls-a-port-that-the-service-does-not-offer': 'no rule tells it yet',
  'container-is-held-at-its-cpu-limit': 'no rule tells it yet',
  'deployment-hits-its-quota-and-its-pods-crash': 'no rule tells it yet',
  'external-name-leads-nowhere': 'no rule tells it yet',
  'job-whose-second-container-never-ends': 'no rule tells it yet',
  'lambda-source-is-not-in-its-bucket': 'no rule tells it yet',
  'network-policy-denies-all-ingress': 'no rule tells it yet',
  'network-policy-lets-another-namespace-in-only': 'no rule tells it yet',
  'node-is-out-of-cpu-and-its-pods-suffer': 'no rule tells it yet',
  'nodes-may-not-be-read-and-a-pod-is-lost': 'no rule tells it yet',
  'readiness-fails-and-the-ingress-leads-elsewhere': 'no rule tells it yet',
  'rollout-is-paused-half-way': 'no rule tells it yet',
  'service-leads-nowhere-and-its-client-crashes-of-something-else': 'no rule tells it yet',
  'two-containers-of-one-pod-crash-for-two-reasons': 'no rule tells it yet',
};
