import type { Code } from '../case.ts';
import type { BUILD_CODES } from '../codes/builds.ts';

/** A failure reason that the output of a build shows. */
export interface BuildTrouble {
  readonly code: Code & BuildCode;
  readonly pattern: RegExp;
  /** `likely` when the text points there and something else could print it too. */
  readonly confidence: 'confirmed' | 'likely';
  /** Shared by all builds of a cluster, or a matter of this one; the code of the function's owner is at fault, nothing of the platform. */
  readonly reach: 'platform' | 'function' | 'owner';
}

type BuildCode = keyof typeof BUILD_CODES;

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
 * In order of how specific a text is. The texts are those of Kaniko, BuildKit, go-containerregistry, containerd, the AWS and
 * MinIO clients, pip, npm, yarn, Go, apk and apt, and the language runtimes.
 */
const TROUBLES: readonly BuildTrouble[] = [
  {
    code: 'registry-throttled',
    pattern:
      /TOOMANYREQUESTS|pull rate limit|(?:\/v2\/|push|manifest|\becr\b).{0,300}(?:429 Too Many Requests|ThrottlingException|Rate exceeded)|429 Too Many Requests.{0,200}\/v2\//i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'base-image-missing',
    pattern:
      /manifests\/\S{1,200}: (?:NAME_UNKNOWN|NOT_FOUND)|MANIFEST_UNKNOWN|manifest unknown|manifest for .{0,200} not found|failed to resolve.{0,200}: not found/i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'registry-repository-missing',
    pattern: /NAME_UNKNOWN|repository with name .{0,200} does not exist|RepositoryNotFoundException/,
    confidence: 'confirmed',
    reach: 'function',
  },
  { code: 'registry-unauthorized', pattern: s(PUSH, REFUSED), confidence: 'confirmed', reach: 'platform' },
  {
    code: 'registry-certificate',
    pattern: /(?:push|\/v2\/|manifest|registry).{0,400}(?:x509: |tls: failed to verify|certificate has expired)/i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'registry-unreachable',
    pattern: s(`${PUSH}|push check transport|creating push check|/v2/`, NETWORK),
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'base-image-refused',
    pattern: s('manifests?/|Retrieving image|get filesystem from image|pulling image|error building image', REFUSED),
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'source-missing',
    pattern:
      /NoSuchKey|specified key does not exist|\(404\) when calling the (?:HeadObject|GetObject)|main source file .{0,200} not found|no such object|BlobNotFound/i,
    confidence: 'confirmed',
    reach: 'function',
  },
  {
    code: 'bucket-missing',
    pattern: /NoSuchBucket|specified bucket does not exist|ContainerNotFound/i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'source-refused',
    pattern:
      /InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|(?:AccessDenied|403\)?).{0,120}(?:GetObject|HeadObject|ListObjects)|(?:s3|minio|bucket).{0,120}(?:AccessDenied|Access Denied|403 Forbidden)/i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'storage-unreachable',
    pattern: new RegExp(
      `(?:${STORE}).{0,400}(?:${NETWORK})|(?:${NETWORK}).{0,200}(?:${STORE})|could not connect to the endpoint URL`,
      'i',
    ),
    confidence: 'confirmed',
    reach: 'platform',
  },
  { code: 'disk-full', pattern: /no space left on device/i, confidence: 'confirmed', reach: 'platform' },
  {
    code: 'build-child-killed',
    pattern: /signal: killed|\bKilled\s*$|exit (?:status|code):? 137|JavaScript heap out of memory|MemoryError\b/,
    confidence: 'likely',
    reach: 'function',
  },
  {
    code: 'source-broken',
    pattern:
      /^\s*(?:SyntaxError|IndentationError|TabError)\b|error TS\d+:|\.go:\d+:\d+: (?:syntax error|undefined|cannot use)|error\[E\d{4}\]|Unexpected token .{0,80}$/m,
    confidence: 'confirmed',
    reach: 'owner',
  },
  {
    code: 'dependency-unreachable',
    pattern:
      /(?:pip|npm|yarn|go: |registry\.npmjs|pypi|proxy\.golang|apk|apt-get|Fetched|fetch ).{0,300}(?:ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|Read timed out|ReadTimeoutError|Temporary failure|NewConnectionError|temporary error|i\/o timeout)|npm (?:ERR!|error) (?:network|429|code E429)|Retrying \(Retry\(total=0/i,
    confidence: 'confirmed',
    reach: 'platform',
  },
  {
    code: 'dependency-missing',
    pattern:
      /No matching distribution found|Could not find a version that satisfies|npm (?:ERR!|error) (?:code )?(?:E404|ETARGET|ERESOLVE|notarget)|go: .{0,200}(?:unknown revision|no matching versions)|ResolutionImpossible|unable to select packages/i,
    confidence: 'confirmed',
    reach: 'owner',
  },
  {
    code: 'context-file-missing',
    pattern: /failed to get fileinfo for|COPY failed|lstat \S+: no such file or directory|copy .{0,200}: no such file/i,
    confidence: 'confirmed',
    reach: 'owner',
  },
  {
    code: 'dockerfile-broken',
    pattern: /parsing dockerfile|dockerfile parse error|unknown instruction/i,
    confidence: 'confirmed',
    reach: 'function',
  },
  {
    code: 'base-image-broken',
    pattern: /failed to get filesystem from image|error resolving source context|failed to download.{0,100}layer/i,
    confidence: 'likely',
    reach: 'platform',
  },
  {
    code: 'build-step-failed',
    pattern:
      /failed to execute command: waiting for process to exit: exit status \d+|The command '.{0,300}' returned a non-zero code/,
    confidence: 'likely',
    reach: 'function',
  },
];

export interface ReadTrouble {
  readonly trouble: BuildTrouble;
  /** The line that decided it. */
  readonly line: string;
}

/** The failure reason in a build's output; null when no known text is in it. */
export function readOutput(lines: readonly string[]): ReadTrouble | null {
  const last = lines.slice(-200).map((line) => line.slice(0, 2_000));
  for (const trouble of TROUBLES) {
    const line = last.findLast((one) => trouble.pattern.test(one));
    if (line !== undefined) return { trouble, line: around(line, trouble.pattern) };
  }
  return null;
}

const SHOWN = 280;

/** A long line, cut around the deciding text. */
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

/** Kaniko's step at the end of its output, in words; null when it does not show. */
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
