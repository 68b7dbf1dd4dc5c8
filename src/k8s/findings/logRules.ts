import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { look } from './finding.ts';

export interface LogRule {
  readonly code: string;
  readonly pattern: RegExp;
  readonly words: string;
  readonly level?: Finding['level'];
  /** Another cause that explains this one. */
  readonly unless?: RegExp;
  readonly next: (subject: ObjectName) => string;
}

/**
 * Lines of a running workload that name a cause (domain sheet, 1.4 and 4.2); what only says "error" concludes nothing. The
 * more telling first. What builds print is read by hypotheses/kaniko.ts.
 */
export const LOG_RULES: readonly LogRule[] = [
  {
    code: 'source-missing',
    pattern:
      /NoSuchKey|NoSuchBucket|The specified (?:key|bucket) does not exist|main source file '.{1,200}' not found|\(404\) when calling the HeadObject/i,
    words: 'cannot find its source in the object store',
    next: () => look('storage', {}),
  },
  {
    code: 'source-refused',
    pattern:
      /SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied.{0,80}(?:s3|minio|bucket|GetObject)|(?:s3|minio).{0,80}AccessDenied|failed to get minio credentials/i,
    words: 'is refused by the object store: its credentials are wrong or expired',
    next: () => look('storage', {}),
  },
  {
    code: 'storage-unreachable',
    pattern: /(?:minio|s3|:9000\b).{0,200}(?:connection refused|i\/o timeout|no such host|no route to host)/i,
    words: 'cannot reach the object store',
    next: () => look('storage', {}),
  },
  {
    code: 'disk-full',
    pattern: /no space left on device/i,
    words: 'has no space left on its disk',
    next: (subject) => `Look at volumes and at the node’s disk: ${look('storage', { namespace: subject.namespace })}`,
  },
  {
    code: 'dependency-missing',
    pattern:
      /Cannot find module '|ModuleNotFoundError: No module named|ERR_MODULE_NOT_FOUND|ImportError: cannot import name/,
    words: 'lacks a module it imports; that is for its owner, and the version before may still work',
    next: (subject) => `What was rolled out? ${look('rollouts', { namespace: subject.namespace })}`,
  },
  {
    code: 'handler-import-failed',
    pattern: /Failed to (?:load|import) handler/i,
    words: 'cannot load its handler and answers with errors although it looks healthy',
    next: (subject) => `What was rolled out? ${look('rollouts', { namespace: subject.namespace })}`,
  },
  {
    code: 'webhook-unreachable',
    pattern: /failed calling webhook/i,
    words: 'is held up by an admission webhook that does not answer',
    next: () => look('serving', {}),
  },
  {
    code: 'leader-lost',
    pattern: /leader election lost|failed to renew lease/i,
    words: 'lost its leadership, as happens when the API server is slow',
    level: 'warning',
    next: (subject) => look('pods', { namespace: subject.namespace }),
  },
  {
    code: 'dns-failed',
    pattern: /(?:lookup|getaddrinfo).{0,120}(?:no such host|ENOTFOUND|EAI_AGAIN|server misbehaving)/i,
    words: 'cannot resolve a name',
    unless: /^storage-unreachable$/,
    next: (subject) => `Is DNS up, and is the name right? ${look('logs', subject)}`,
  },
  {
    code: 'memory-exhausted',
    pattern:
      /JavaScript heap out of memory|java\.lang\.OutOfMemoryError|MemoryError$|runtime: out of memory|cannot allocate memory/i,
    words: 'ran out of the memory its runtime may use',
    next: (subject) => `Raise its limit, or the heap’s: ${look('top pods', { namespace: subject.namespace })}`,
  },
];
