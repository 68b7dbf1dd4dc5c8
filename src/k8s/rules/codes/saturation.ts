import { code } from '../code.ts';

/** What is used up. */
export const SATURATION_CODES = {
  'cpu-limit': code<'who' | 'container' | 'used' | 'limit' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, used, limit, detail }) =>
      `Container ${container} of ${who} is held at its CPU limit: it uses ${used} of ${limit}${detail}.`,
    brief: ({ who }) => `${who} at its CPU limit`,
    next: ({ who }) => `Raise the CPU limit of ${who} or add replicas; when a release made it busy, roll that back.`,
    confirms: 'its CPU is used up to the limit, and cAdvisor counts at least 25 % of its periods as throttled',
    excludes: 'it uses less than its limit, or has none',
  }),
  'node-cpu-full': code<'node' | 'used' | 'all' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, used, all, detail }) => `Node ${node} is out of CPU: ${used} of ${all} is used${detail}.`,
    brief: ({ node }) => `node ${node} out of CPU`,
    next: ({ node }) => `Give what uses it a CPU limit or another node: /lambda diag nodes ${node}`,
    confirms: 'the metrics API says that at least 95 % of what the node can give is used',
    excludes: 'less is used, or nobody measures it',
  }),
} as const;
