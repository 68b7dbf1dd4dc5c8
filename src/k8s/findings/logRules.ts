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

const builds = (question: string) => (subject: ObjectName) =>
  `${question} ${look('builds', { namespace: subject.namespace })}`;
const logs = (subject: ObjectName) => look('logs', subject);

/** Lines that name a cause (domain sheet, 1.5 and 4.2); what only says "error" concludes nothing. The more telling first. */
export const LOG_RULES: readonly LogRule[] = [
  {
    code: 'build-oom-killed',
    pattern: /waiting for process to exit: signal: killed/i,
    words: 'had a step killed, as the kernel does when memory runs out',
    next: builds('Raise the build’s memory limit or use a slimmer base image; is it one function?'),
  },
  {
    code: 'source-not-found',
    pattern:
      /NoSuchKey|NoSuchBucket|The specified (?:key|bucket) does not exist|main source file '.{1,200}' not found|\(404\) when calling the HeadObject/i,
    words: 'cannot find its source in the object store',
    next: builds('Was the source uploaded under this name? See whether others fail too:'),
  },
  {
    code: 'store-refused',
    pattern:
      /SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied.{0,80}(?:s3|minio|bucket|GetObject)|(?:s3|minio).{0,80}AccessDenied|failed to get minio credentials/i,
    words: 'is refused by the object store: its credentials are wrong or expired',
    next: () => look('storage', {}),
  },
  {
    code: 'store-unreachable',
    pattern: /(?:minio|s3|:9000\b).{0,200}(?:connection refused|i\/o timeout|no such host|no route to host)/i,
    words: 'cannot reach the object store',
    next: () => look('storage', {}),
  },
  {
    code: 'base-image-missing',
    pattern: /error building image: .{0,300}(?:MANIFEST_UNKNOWN|manifest unknown|not found in registry)/i,
    words: 'cannot find its base image in the registry',
    next: builds('Push the tag or change the version in the Dockerfile; do all builds of this runtime fail?'),
  },
  {
    code: 'registry-rate-limited',
    pattern: /(?:push|pull|registry|\/v2\/|manifest).{0,600}(?:429 Too Many Requests|toomanyrequests)/i,
    words: 'is slowed down by the image registry (429)',
    next: builds('Build fewer at once; how many run?'),
  },
  {
    code: 'registry-unauthorized',
    pattern:
      /(?:push|pull|registry|\/v2\/|manifest).{0,600}(?:unauthorized|authentication required|denied: |no basic auth credentials|403 Forbidden)/i,
    words: 'is refused by the image registry',
    next: builds('Renew the registry credentials of the builds; do all of them fail?'),
  },
  {
    code: 'registry-certificate',
    pattern: /(?:push|pull|registry|\/v2\/).{0,300}x509: /i,
    words: 'does not trust the certificate of the image registry',
    next: builds('Renew the certificate; do all builds fail?'),
  },
  {
    code: 'registry-unreachable',
    pattern:
      /(?:error (?:pushing|checking push)|failed to push|push check transport|failed to get filesystem from image).{0,400}(?:connection refused|connection reset|timeout|no such host|i\/o|unexpected EOF|\b50[234]\b)/i,
    words: 'cannot reach the image registry',
    next: builds('Is the registry up? See whether all builds fail:'),
  },
  {
    code: 'disk-full',
    pattern: /no space left on device/i,
    words: 'has no space left on its disk',
    next: (subject) => `Look at volumes and at the node’s disk: ${look('storage', { namespace: subject.namespace })}`,
  },
  {
    code: 'copy-source-missing',
    pattern: /failed to get fileinfo for .{1,300}no such file or directory/i,
    words: 'copies a file that is not in its source',
    next: logs,
  },
  {
    code: 'dockerfile-invalid',
    pattern: /error building image: (?:error )?parsing dockerfile|dockerfile parse error/i,
    words: 'has a Dockerfile that cannot be read',
    next: logs,
  },
  {
    code: 'code-error',
    pattern: /^\s*(?:SyntaxError|IndentationError|TabError): /,
    words: 'has code that does not compile; that is for its owner',
    next: logs,
  },
  {
    code: 'dependency-missing',
    pattern:
      /Cannot find module '|ModuleNotFoundError: No module named|ERR_MODULE_NOT_FOUND|ImportError: cannot import name/,
    words: 'lacks a module it imports; that is for its owner, and the version before may still work',
    next: (subject) => `What was rolled out? ${look('rollouts', { namespace: subject.namespace })}`,
  },
  {
    code: 'dependency-install-failed',
    pattern:
      /ERROR: (?:Could not find a version|No matching distribution)|npm (?:ERR!|error) (?:code )?E[A-Z0-9]+|go: .{1,200}: (?:unknown revision|not found)/,
    words: 'cannot install a dependency',
    next: logs,
  },
  {
    code: 'handler-import-failed',
    pattern: /Failed to (?:load|import) handler/i,
    words: 'cannot load its handler and answers with errors although it looks healthy',
    next: (subject) => `What was rolled out? ${look('rollouts', { namespace: subject.namespace })}`,
  },
  {
    code: 'dockerfile-step',
    pattern: /error building image: (?:error building stage|failed to execute command)/i,
    words: 'failed in a step of its Dockerfile',
    unless: /^(build-oom-killed|code-error|dependency-|disk-full|copy-|base-image|registry-)/,
    next: (subject) => `The lines above it are the step’s own output: ${look('logs', subject)}`,
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
    unless: /^(store|registry)-unreachable$/,
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
