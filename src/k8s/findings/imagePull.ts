import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import type { ContainerStatus } from '../objects.ts';
import { finding } from './finding.ts';

interface Cause {
  readonly code: string;
  readonly words: string;
  readonly next: string;
}

const CAUSES: readonly (readonly [RegExp, Cause])[] = [
  [
    /not found|manifest unknown|does not exist|InvalidImageName/i,
    {
      code: 'image-not-found',
      words: 'the registry does not have it',
      next: 'Was the build pushed? Compare the tag with the last build: /lambda diag builds',
    },
  ],
  [
    /unauthorized|authentication required|denied|forbidden|no basic auth/i,
    {
      code: 'image-unauthorized',
      words: 'the registry refuses the credentials',
      next: 'Check imagePullSecrets of the pod’s ServiceAccount and whether the token has expired.',
    },
  ],
  [
    /too ?many ?requests|rate limit|429/i,
    {
      code: 'image-rate-limited',
      words: 'the registry limits pulls',
      next: 'Wait, pull through a mirror, or log in to the registry.',
    },
  ],
  [
    /timeout|no such host|connection refused|i\/o|network|TLS|x509|dial tcp/i,
    {
      code: 'image-network',
      words: 'the registry cannot be reached',
      next: 'Is the registry up, and reachable from the node (DNS, proxy, certificate)?',
    },
  ],
];

/** Why an image cannot be pulled, split as far as the message tells. */
export function imagePull(
  subject: ObjectName,
  status: ContainerStatus,
  message: string,
  because: readonly string[],
): Finding {
  const cause = CAUSES.find(([pattern]) => pattern.test(message))?.[1];
  return finding({
    code: cause?.code ?? 'image-pull',
    level: 'critical',
    confidence: cause ? 'confirmed' : 'likely',
    subject,
    conclusion: `The image of container ${status.name} (${status.image ?? 'unnamed'}) cannot be pulled${cause ? `: ${cause.words}` : ''}.`,
    because,
    nextStep: cause?.next ?? `/lambda diag events ${subject.name}`,
  });
}
