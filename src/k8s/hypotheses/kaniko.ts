/** Why a build failed, as its own output tells it. */
export interface BuildCause {
  readonly code: string;
  /** The hypothesis it belongs to. */
  readonly id: string;
  /** After `The build of X `. */
  readonly words: string;
  readonly next: string;
  /** Shared by all builds of a cluster (`platform`) or a matter of this one. */
  readonly reach: 'platform' | 'function';
  /** `likely` when the text points there and something else could print it too. */
  readonly confidence: 'confirmed' | 'likely';
  /** The code of the function's owner is at fault, nothing of the platform. */
  readonly owners?: true;
}

interface Rule extends BuildCause {
  readonly pattern: RegExp;
}

const NETWORK =
  'connection refused|no such host|i/o timeout|network is unreachable|no route to host|connection reset by peer|TLS handshake timeout|context deadline exceeded|EOF$|50[0234] (?:Internal|Bad|Service|Gateway)';
const REFUSED =
  'UNAUTHORIZED|DENIED|unauthorized|denied|authentication required|40[13] (?:Unauthorized|Forbidden)|no basic auth credentials|not authorized to perform';
const PUSH =
  'checking push permission|error pushing image|failed to push|blobs/uploads|ecr:(?:InitiateLayerUpload|PutImage|CompleteLayerUpload|BatchCheckLayerAvailability)';
const STORE =
  's3|minio|bucket|:9000|GetObject|HeadObject|object store|endpoint URL|source code|context\\.tar|storage\\.googleapis|blob\\.core';
const s = (...parts: readonly string[]) => new RegExp(parts.map((part) => `(?:${part})`).join('.{0,400}'), 'i');

/**
 * In order of how specific a text is. The texts are those of Kaniko, go-containerregistry, containerd, the AWS and MinIO
 * clients, pip, npm and the language runtimes; the domain fact sheet, section 1.5, lists where they come from.
 */
const RULES: readonly Rule[] = [
  {
    code: 'registry-throttled',
    id: 'F2',
    pattern:
      /TOOMANYREQUESTS|pull rate limit|(?:\/v2\/|push|manifest|\becr\b).{0,300}(?:429 Too Many Requests|ThrottlingException|Rate exceeded)|429 Too Many Requests.{0,200}\/v2\//i,
    words: 'is throttled by the image registry',
    next: 'Wait and build fewer at once; a registry mirror or a login raises the limit.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'base-image-missing',
    id: 'F19',
    pattern:
      /manifests\/\S{1,200}: (?:NAME_UNKNOWN|NOT_FOUND)|MANIFEST_UNKNOWN|manifest unknown|manifest for .{0,200} not found|failed to resolve.{0,200}: not found/i,
    words: 'wants a base image that the registry does not have',
    next: 'Push the base image, or choose a version that exists.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'registry-repository-missing',
    id: 'F2',
    pattern: /NAME_UNKNOWN|repository with name .{0,200} does not exist|RepositoryNotFoundException/,
    words: 'pushes to a repository that does not exist in the registry',
    next: 'Create the repository, or correct the name of the image.',
    reach: 'function',
    confidence: 'confirmed',
  },
  {
    code: 'registry-unauthorized',
    id: 'F2',
    pattern: s(PUSH, REFUSED),
    words: 'may not push: the registry refuses the credentials',
    next: 'Renew the push credential of the builds from the secret store, then try one build.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'registry-certificate',
    id: 'F17',
    pattern: /(?:push|\/v2\/|manifest|registry).{0,400}(?:x509: |tls: failed to verify|certificate has expired)/i,
    words: 'does not trust the certificate of the registry',
    next: 'Has the registry’s certificate expired, or its authority changed?',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'registry-unreachable',
    id: 'F2',
    pattern: s(`${PUSH}|push check transport|creating push check|/v2/`, NETWORK),
    words: 'cannot reach the image registry',
    next: 'Is the registry up, and does its name resolve from the builds’ namespace?',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'base-image-refused',
    id: 'F2',
    pattern: s('manifests?/|Retrieving image|get filesystem from image|pulling image|error building image', REFUSED),
    words: 'may not pull its base image: the registry refuses the credentials',
    next: 'Renew the pull credential of the builds.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'source-missing',
    id: 'F3',
    pattern:
      /NoSuchKey|specified key does not exist|\(404\) when calling the (?:HeadObject|GetObject)|main source file .{0,200} not found|no such object|BlobNotFound/i,
    words: 'cannot find its source in the bucket',
    next: 'Upload the source again or restore its version; the owner knows which.',
    reach: 'function',
    confidence: 'confirmed',
  },
  {
    code: 'bucket-missing',
    id: 'F3',
    pattern: /NoSuchBucket|specified bucket does not exist|ContainerNotFound/i,
    words: 'reads a bucket that does not exist',
    next: 'Correct the bucket’s name, or create it.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'source-refused',
    id: 'F3',
    pattern:
      /InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|(?:AccessDenied|403\)?).{0,120}(?:GetObject|HeadObject|ListObjects)|(?:s3|minio|bucket).{0,120}(?:AccessDenied|Access Denied|403 Forbidden)/i,
    words: 'is refused by the storage of sources',
    next: 'Renew the storage credentials of the builds.',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'storage-unreachable',
    id: 'F9',
    pattern: new RegExp(
      `(?:${STORE}).{0,400}(?:${NETWORK})|(?:${NETWORK}).{0,200}(?:${STORE})|could not connect to the endpoint URL`,
      'i',
    ),
    words: 'cannot reach the storage of sources',
    next: 'Look at the storage: /lambda diag storage',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'disk-full',
    id: 'F15',
    pattern: /no space left on device/i,
    words: 'ran out of disk space',
    next: 'Look at the node’s disk and ephemeral storage: /lambda diag nodes',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'build-child-killed',
    id: 'F1',
    pattern: /signal: killed|\bKilled\s*$|exit (?:status|code):? 137|JavaScript heap out of memory|MemoryError\b/,
    words: 'had a process killed or out of memory inside its container',
    next: 'Raise the memory limit of the build, or make the step use less.',
    reach: 'function',
    confidence: 'likely',
  },
  {
    code: 'source-broken',
    id: 'F19',
    pattern:
      /^\s*(?:SyntaxError|IndentationError|TabError)\b|error TS\d+:|\.go:\d+:\d+: (?:syntax error|undefined|cannot use)|error\[E\d{4}\]|Unexpected token .{0,80}$/m,
    words: 'fails because the function’s own code does not compile',
    next: 'Tell the owner of the function; there is nothing to do on the platform.',
    reach: 'function',
    confidence: 'confirmed',
    owners: true,
  },
  {
    code: 'dependency-unreachable',
    id: 'F19',
    pattern:
      /(?:pip|npm|yarn|go: |registry\.npmjs|pypi|proxy\.golang|apk|apt-get|Fetched|fetch ).{0,300}(?:ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|Read timed out|ReadTimeoutError|Temporary failure|NewConnectionError|temporary error|i\/o timeout)|npm (?:ERR!|error) (?:network|429|code E429)|Retrying \(Retry\(total=0/i,
    words: 'cannot download its dependencies: the package registry does not answer',
    next: 'Is the package mirror up, and may the builds’ namespace reach it?',
    reach: 'platform',
    confidence: 'confirmed',
  },
  {
    code: 'dependency-missing',
    id: 'F19',
    pattern:
      /No matching distribution found|Could not find a version that satisfies|npm (?:ERR!|error) (?:code )?(?:E404|ETARGET|ERESOLVE|notarget)|go: .{0,200}(?:unknown revision|no matching versions)|ResolutionImpossible|unable to select packages/i,
    words: 'wants a dependency that does not exist in this version',
    next: 'Tell the owner of the function: its list of dependencies needs a correction.',
    reach: 'function',
    confidence: 'confirmed',
    owners: true,
  },
  {
    code: 'context-file-missing',
    id: 'F19',
    pattern: /failed to get fileinfo for|COPY failed|lstat \S+: no such file or directory|copy .{0,200}: no such file/i,
    words: 'copies a file that is not in its source',
    next: 'Tell the owner of the function which file is missing.',
    reach: 'function',
    confidence: 'confirmed',
    owners: true,
  },
  {
    code: 'dockerfile-broken',
    id: 'F19',
    pattern: /parsing dockerfile|dockerfile parse error|unknown instruction/i,
    words: 'has a Dockerfile that cannot be parsed',
    next: 'Tell the owner of the Dockerfile.',
    reach: 'function',
    confidence: 'confirmed',
  },
  {
    code: 'base-image-broken',
    id: 'F19',
    pattern: /failed to get filesystem from image|error resolving source context|failed to download.{0,100}layer/i,
    words: 'cannot read its base image to the end',
    next: 'Build once more; when it fails again, look at the registry.',
    reach: 'platform',
    confidence: 'likely',
  },
  {
    code: 'build-step-failed',
    id: 'F19',
    pattern:
      /failed to execute command: waiting for process to exit: exit status \d+|The command '.{0,300}' returned a non-zero code/,
    words: 'failed in a step of its Dockerfile',
    next: 'Read the step’s own output above the last line.',
    reach: 'function',
    confidence: 'likely',
  },
];

export interface ReadCause {
  readonly cause: BuildCause;
  /** The line that decided it. */
  readonly line: string;
}

/** What a build's output says of why it failed; null when none of the texts is in it. */
export function readOutput(lines: readonly string[]): ReadCause | null {
  const last = lines.slice(-200).map((line) => line.slice(0, 2_000));
  for (const rule of RULES) {
    const line = last.findLast((one) => rule.pattern.test(one));
    if (line !== undefined) return { cause: rule, line: around(line, rule.pattern) };
  }
  return null;
}

const SHOWN = 280;

/** A long line cut so that what decided stays in it. */
function around(line: string, pattern: RegExp): string {
  const whole = line.trim();
  if (whole.length <= SHOWN) return whole;
  const match = pattern.exec(whole);
  const end = Math.min(whole.length, Math.max(SHOWN, (match?.index ?? 0) + (match?.[0].length ?? 0) + 40));
  return `${whole.slice(0, 80)} … ${whole.slice(end - (SHOWN - 84), end)}`;
}

/** The base image a build names in its output: `python:3.11-alpine`; null when it has not come to that. */
export function baseImageOf(lines: readonly string[]): string | null {
  const line = lines.findLast((one) => /Retrieving image manifest (\S+)/.test(one));
  const image = line ? /Retrieving image manifest (\S+)/.exec(line)?.[1] : undefined;
  return image ? (image.split('/').at(-1) ?? null) : null;
}

/** What Kaniko was doing when its output ends, in words; null when it does not tell. */
export function phaseOf(lines: readonly string[]): string | null {
  const phases: readonly (readonly [RegExp, string])[] = [
    [/Pushed \S+@sha256|Pushing image to/, 'pushing the image'],
    [/Taking snapshot of/, 'taking a snapshot of the file system'],
    [
      /Collecting |Downloading |Installing collected|npm (?:http|timing|install)|go: downloading|fetch http|Get:\d+ http/,
      'downloading packages',
    ],
    [/Running: \[|RUN /, 'running a step of the Dockerfile'],
    [/Unpacking rootfs/, 'unpacking the base image'],
    [/Retrieving image(?: manifest)?/, 'fetching the base image'],
    [/fetch|download/i, 'fetching the source'],
  ];
  for (const line of lines.slice(-50).toReversed()) {
    const phase = phases.find(([pattern]) => pattern.test(line.slice(0, 500)));
    if (phase) return phase[1];
  }
  return null;
}
