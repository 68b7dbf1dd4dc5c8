import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import type { ContainerStatus } from '../objects.ts';
import { finding, look } from './finding.ts';

interface Cause {
  readonly code: string;
  readonly words: string;
  readonly next: (subject: ObjectName) => string;
}

const events = (subject: ObjectName) => look('events', subject);

/** What runtimes and registries say, the most telling first: a 401 is also "not found" to some of them. */
const CAUSES: readonly (readonly [RegExp, Cause])[] = [
  [
    /InvalidImageName|couldn't parse image|invalid reference format/i,
    {
      code: 'image-invalid-name',
      words: 'that is not a valid image name',
      next: (subject) => `Who set it? ${look('changes', { namespace: subject.namespace })}`,
    },
  ],
  [
    /ErrImageNeverPull|never pull/i,
    {
      code: 'image-never-pull',
      words: 'the node does not have it and the pull policy is Never',
      next: events,
    },
  ],
  [
    /too ?many ?requests|rate.?limit|\b429\b/i,
    {
      code: 'image-rate-limited',
      words: 'the registry limits pulls',
      next: (subject) =>
        `Wait, pull through a mirror, or log in to the registry; see how many wait: ${look('pods', { namespace: subject.namespace })}`,
    },
  ],
  [
    /unauthorized|authentication required|authorization failed|no basic auth|denied|forbidden|\b40[13]\b/i,
    {
      code: 'image-unauthorized',
      words: 'the registry refuses the credentials',
      next: (subject) =>
        `Check imagePullSecrets of its ServiceAccount and whether the token has expired; is it only this one? ${look('pods', { namespace: subject.namespace })}`,
    },
  ],
  [
    /x509|certificate|tls: /i,
    {
      code: 'image-certificate',
      words: 'the registry’s certificate is not trusted',
      next: (subject) =>
        `Renew the certificate or give the nodes its authority; is it only this node? ${look('pods', { namespace: subject.namespace })}`,
    },
  ],
  [
    /not found|manifest unknown|MANIFEST_UNKNOWN|does not exist|name unknown/i,
    {
      code: 'image-not-found',
      words: 'the registry does not have it',
      next: () => `Was the build pushed? Compare the tag with the last build: ${look('builds', {})}`,
    },
  ],
  [
    /timeout|timed out|no such host|connection refused|connection reset|i\/o|network|dial tcp|EOF|deadline exceeded|RegistryUnavailable|\b50[0-9]\b/i,
    {
      code: 'image-network',
      words: 'the registry cannot be reached',
      next: (subject) =>
        `Is the registry up, and reachable from the node (DNS, proxy)? ${look('pods', { namespace: subject.namespace })}`,
    },
  ],
];

/** Why an image cannot be pulled, split as far as `message` tells; a name that only looks like an error is left out of it. */
export function imagePull(
  subject: ObjectName,
  container: Pick<ContainerStatus, 'name' | 'image'>,
  message: string,
  because: readonly string[],
): Finding {
  const said = container.image ? message.replaceAll(container.image, '') : message;
  const cause = CAUSES.find(([pattern]) => pattern.test(said))?.[1];
  return finding({
    code: cause?.code ?? 'image-pull',
    level: 'critical',
    confidence: cause ? 'confirmed' : 'likely',
    subject,
    conclusion: `The image${container.name ? ` of container ${container.name}` : ''} (${container.image ?? 'unnamed'}) cannot be pulled${cause ? `: ${cause.words}` : ''}.`,
    because,
    nextStep: cause ? cause.next(subject) : `The events say why: ${events(subject)}`,
  });
}
