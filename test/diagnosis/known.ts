/** Cases that are not answered yet, and why: each is expected to fail, and one that passes has to leave the list. */
export const KNOWN: Readonly<Record<string, string>> = {
  'readiness-fails-and-the-ingress-leads-elsewhere':
    'the Ingress leads to a Service that does not exist, so no path of the graph joins it with the Deployment that was named',
  'service-leads-nowhere-and-its-client-crashes-of-something-else':
    'the second alert names its Service in the label `service`, which is the scraped one by RULES; so it is told as seen elsewhere',
};

/** The same of what was recorded on a real control plane (`recorded/`). */
export const KNOWN_RECORDED: Readonly<Record<string, string>> = {};
