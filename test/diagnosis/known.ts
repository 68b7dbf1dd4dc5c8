/** Cases that are not answered yet, and why: each is expected to fail, and one that passes has to leave the list. */
export const KNOWN: Readonly<Record<string, string>> = {
  'container-is-held-at-its-cpu-limit':
    'use of CPU is not held against its limit: the probe that fails by it is told, and not why it fails',
  'node-is-out-of-cpu-and-its-pods-suffer': 'use of nodes is not read in a look, and a label `instance` names no Node',
  'readiness-fails-and-the-ingress-leads-elsewhere':
    'the alert of the Ingress names its Deployment, and Ingresses are read only where an alert names one or names nothing',
  'service-leads-nowhere-and-its-client-crashes-of-something-else':
    'the second alert names its Service in the label `service`, which is the scraped one by RULES; so it is told as seen elsewhere',
};
