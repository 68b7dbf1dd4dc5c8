import { code } from '../code.ts';

/** How requests go, where somebody counts them. */
export const TRAFFIC_CODES = {
  'version-fails': code<'who' | 'version' | 'detail' | 'back'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, version, detail }) => `${who} serves badly since ${version} takes its requests: ${detail}.`,
    brief: ({ version, detail }) => `${version}: ${detail}`,
    act: ({ version }) => `Go back to what ran before ${version}`,
    next: ({ back }) => back,
    confirms:
      'its requests fail (5 % or more) or take three times as long, it was rolled out within the hour before, and what ran before it serves well',
    excludes: 'less than 20 requests in 5 minutes, or the versions before and beside it are as bad',
  }),
  'requests-fail': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'effect',
    says: ({ who, detail }) =>
      `Requests to ${who} go badly: ${detail}; nothing that it calls does, as far as its namespace is measured.`,
    brief: ({ who, detail }) => `${who}: ${detail}`,
    next: ({ who }) =>
      `Read the log of ${who}, and look at what it calls elsewhere: in other namespaces and outside the cluster.`,
    confirms: 'its requests fail (5 % or more) or take three times as long as an hour before the trouble began',
    excludes: 'something that it calls fails too, or less than 20 requests in 5 minutes',
  }),
} as const;
