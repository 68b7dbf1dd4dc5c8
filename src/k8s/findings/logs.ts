import type { Finding } from '../../incidents/evidence.ts';
import type { Pod } from '../objects.ts';
import { finding, nameOf } from './finding.ts';

interface Rule {
  readonly code: string;
  readonly pattern: RegExp;
  readonly words: string;
  readonly next: string | null;
}

/** Lines that name a cause; what only says "error" concludes nothing. */
const RULES: readonly Rule[] = [
  {
    code: 'source-not-found',
    pattern: /NoSuchKey|NoSuchBucket|The specified (?:key|bucket) does not exist/i,
    words: 'cannot find its source in the object store',
    next: 'Was the source uploaded under this name? Check bucket and key of the function.',
  },
  {
    code: 'store-refused',
    pattern:
      /SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied.{0,80}(?:s3|minio|bucket)|(?:s3|minio).{0,80}AccessDenied/i,
    words: 'is refused by the object store',
    next: 'Its credentials are wrong or expired.',
  },
  {
    code: 'registry-unauthorized',
    pattern: /(?:UNAUTHORIZED|401 Unauthorized|authentication required|denied: requested access).{0,120}/,
    words: 'is refused by the image registry',
    next: 'Renew the registry credentials of the builds.',
  },
  {
    code: 'registry-unreachable',
    pattern:
      /(?:error (?:pushing|checking push)|failed to push).{0,200}(?:connection refused|timeout|no such host|i\/o)/i,
    words: 'cannot reach the image registry',
    next: 'Is the registry up?',
  },
  {
    code: 'disk-full',
    pattern: /no space left on device/i,
    words: 'has no space left on its disk',
    next: 'Look at ephemeral storage and volumes: /lambda diag storage',
  },
  {
    code: 'dockerfile-step',
    pattern: /error building image: (?:error building stage|failed to execute command)/i,
    words: 'failed in a step of its Dockerfile',
    next: 'The lines above it are the step’s own output.',
  },
  {
    code: 'dns-failed',
    pattern: /(?:lookup|getaddrinfo).{0,120}(?:no such host|ENOTFOUND|EAI_AGAIN|server misbehaving)/i,
    words: 'cannot resolve a name',
    next: 'Is DNS up, and is the name right?',
  },
];

export function logFindings(pod: Pod, container: string, text: string): readonly Finding[] {
  const lines = text.split('\n');
  return RULES.flatMap((rule) => {
    const line = lines.findLast((one) => rule.pattern.test(one.slice(0, 2_000)));
    if (line === undefined) return [];
    return [
      finding({
        code: rule.code,
        level: 'critical',
        confidence: 'likely',
        subject: nameOf('Pod', pod.metadata),
        conclusion: `Container ${container} ${rule.words}.`,
        because: [line.trim()],
        nextStep: rule.next,
      }),
    ];
  });
}
