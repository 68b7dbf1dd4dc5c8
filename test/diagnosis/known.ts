/** Cases that are not answered yet, and why: each is expected to fail, and one that passes has to leave the list. */
export const KNOWN: Readonly<Record<string, string>> = {
  'readiness-fails-and-the-ingress-leads-elsewhere':
    'the Ingress leads to a Service that does not exist, so no path of the graph joins it with the Deployment that was named',
  'service-leads-nowhere-and-its-client-crashes-of-something-else':
    'the second alert names its Service in the label `service`, which is the scraped one by RULES; so it is told as seen elsewhere',
  'client-asks-for-a-service-of-another-namespace-by-a-name-it-does-not-have': 'written before its rule',
  'policy-opens-another-port-of-the-database-than-its-clients-use': 'written before its rule',
  'name-server-of-the-cluster-is-not-ready-and-names-do-not-resolve': 'written before its rule',
  'traffic-stays-on-the-node-and-there-is-no-endpoint': 'written before its rule',
  'init-container-waits-for-a-service-that-nobody-made': 'written before its rule',
  'signature-of-the-image-is-not-valid': 'written before its rule',
  'cron-job-replaces-its-run-before-it-can-end': 'written before its rule',
  'issuer-of-the-certificate-does-not-exist': 'written before its rule',
  'activator-is-down-and-a-function-at-zero-cannot-wake': 'written before its rule',
  'rust-ends-main-with-a-chain-of-contexts': 'written before its rule',
};

/** The same of what was recorded on a real control plane (`recorded/`). */
export const KNOWN_RECORDED: Readonly<Record<string, string>> = {};
