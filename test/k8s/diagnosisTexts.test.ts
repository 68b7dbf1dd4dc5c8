import { describe, expect, test } from '@jest/globals';
import { baseImageOf, phaseOf, readOutput } from '../../src/k8s/rules/builds/output.ts';

/** Lines as Kaniko, go-containerregistry, ECR, the AWS and MinIO clients, npm, pip, go and the compilers print them. */
const LINES: readonly (readonly [code: string, line: string])[] = [
  [
    'registry-unauthorized',
    'error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "registry.example.com/team/app:1": POST https://registry.example.com/v2/team/app/blobs/uploads/: UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:team/app Type:repository]]',
  ],
  [
    'registry-unauthorized',
    'error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "index.docker.io/team/app": creating push check transport for index.docker.io failed: GET https://auth.docker.io/token?scope=repository%3Ateam%2Fapp%3Apush%2Cpull&service=registry.docker.io: unexpected status code 401 Unauthorized: {"details":"incorrect username or password"}',
  ],
  [
    'registry-unauthorized',
    'error pushing image: failed to push to destination 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1: DENIED: User: arn:aws:sts::123456789012:assumed-role/kaniko/i-0abc is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/app',
  ],
  [
    'registry-unreachable',
    'error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "kind-registry:5000/app:1": creating push check transport for kind-registry:5000 failed: Get "https://kind-registry:5000/v2/": dial tcp 10.96.7.7:5000: connect: connection refused; Get "http://kind-registry:5000/v2/": dial tcp 10.96.7.7:5000: connect: connection refused',
  ],
  [
    'registry-unreachable',
    'error building image: Get "https://index.docker.io/v2/": dial tcp: lookup index.docker.io on 10.96.0.10:53: no such host',
  ],
  [
    'registry-throttled',
    'error building image: GET https://index.docker.io/v2/library/python/manifests/3.11-slim: TOOMANYREQUESTS: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
  ],
  [
    'registry-throttled',
    'error pushing image: failed to push to destination ecr/app:1: PUT https://ecr/v2/app/manifests/1: unexpected status code 429 Too Many Requests',
  ],
  [
    'registry-certificate',
    'error building image: Get "https://registry.corp/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    'registry-repository-missing',
    "error pushing image: failed to push to destination 1.dkr.ecr.eu-west-1.amazonaws.com/app:1: POST https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/app/blobs/uploads/: NAME_UNKNOWN: The repository with name 'app' does not exist in the registry with id '1'",
  ],
  [
    'base-image-missing',
    'error building image: unable to complete operation after 0 attempts, last error: GET https://index.docker.io/v2/library/python/manifests/3.99-alpine: MANIFEST_UNKNOWN: manifest unknown; unknown tag=3.99-alpine',
  ],
  [
    'base-image-missing',
    'error building image: GET http://kind-registry:5000/v2/pyhton/manifests/3.11: NAME_UNKNOWN: repository name not known to registry; map[name:pyhton]',
  ],
  [
    'base-image-refused',
    'error building image: GET https://ghcr.io/v2/acme/base/manifests/1: UNAUTHORIZED: authentication required',
  ],
  [
    'source-missing',
    'fatal error: An error occurred (404) when calling the HeadObject operation: Key "global/parser/x" does not exist',
  ],
  [
    'source-missing',
    'An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.',
  ],
  ['bucket-missing', 'error resolving source context: NoSuchBucket: The specified bucket does not exist'],
  [
    'source-refused',
    'fatal error: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied',
  ],
  [
    'source-refused',
    'mc: <ERROR> Unable to stat `local/lambda-functions`. The request signature we calculated does not match: SignatureDoesNotMatch',
  ],
  [
    'storage-unreachable',
    'fatal error: Could not connect to the endpoint URL: "http://minio.minio.svc:9000/lambda?list-type=2"',
  ],
  [
    'storage-unreachable',
    'failed to read object from minio: Get "http://minio.minio.svc.cluster.local:9000/b/k": dial tcp 10.96.44.12:9000: i/o timeout',
  ],
  [
    'disk-full',
    'error building image: error building stage: failed to take snapshot: write /kaniko/123: no space left on device',
  ],
  [
    'build-child-killed',
    'error building image: error building stage: failed to execute command: waiting for process to exit: signal: killed',
  ],
  ['build-child-killed', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
  ['source-broken', "SyntaxError: expected ':'"],
  ['source-broken', "src/index.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'."],
  ['source-broken', './main.go:14:2: undefined: hanlder'],
  [
    'dependency-unreachable',
    'npm ERR! network request to https://npm.example.com/express failed, reason: getaddrinfo EAI_AGAIN npm.example.com',
  ],
  [
    'dependency-unreachable',
    "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out.",
  ],
  ['dependency-unreachable', 'npm error code E429'],
  ['dependency-missing', 'ERROR: No matching distribution found for numpyy==1.26.4'],
  ['dependency-missing', 'npm error code ETARGET'],
  [
    'context-file-missing',
    'error building image: error building stage: failed to get files used from context: failed to get fileinfo for /workspace/main.py: lstat /workspace/main.py: no such file or directory',
  ],
  [
    'dockerfile-broken',
    'error building image: parsing dockerfile: dockerfile parse error on line 3: unknown instruction: RNU',
  ],
  [
    'build-step-failed',
    'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
  ],
];

describe('what a build’s output says', () => {
  test.each(LINES)('is read as %s', (code, line) => {
    const said = readOutput(['INFO[0001] Retrieving image manifest python:3.11', line]);
    expect(said?.trouble.code).toBe(code);
    expect(said?.line.length).toBeLessThanOrEqual(300);
  });

  test('and the words that decide are in the quoted line, however long it is', () => {
    const said = readOutput([
      `error checking push permissions ${'x'.repeat(900)} checking push permission for "r/app": ${'y'.repeat(200)} UNAUTHORIZED: authentication required`,
    ]);
    expect(said?.line).toMatch(/UNAUTHORIZED/);
  });

  test('prefers the reason to the step that reports it', () => {
    const lines = [
      'ERROR: Could not find a version that satisfies the requirement flaskk',
      'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
    ];
    expect(readOutput(lines)?.trouble.code).toBe('dependency-missing');
  });

  test('is no reason when all is normal', () => {
    const lines = [
      'INFO[0001] Retrieving image manifest node:20-alpine',
      'INFO[0030] Taking snapshot of full filesystem...',
      'INFO[0040] Pushing image to r/app:1',
      'npm warn deprecated inflight@1.0.6',
      '0 errors, 2 warnings',
    ];
    expect(readOutput(lines)).toBeNull();
    expect(baseImageOf(lines)).toBe('node:20-alpine');
    expect(phaseOf(lines)).toBe('pushing the image');
  });

  test('is read only where a reason can be: 2,000 characters of the last 200 lines, whatever they are', () => {
    const reason = 'ERROR: Could not find a version that satisfies the requirement flaskk';
    const hostile = 'minio push /v2/ '.repeat(100);
    const filler = (count: number) => Array<string>(count).fill(hostile);
    expect(readOutput([`${hostile} ${reason}`, ...filler(199)])?.trouble.code).toBe('dependency-missing');
    expect(readOutput([`${hostile} ${reason}`, ...filler(200)])).toEqual(readOutput(filler(200)));
    expect(readOutput([`${hostile.repeat(2)} ${reason}`])).toEqual(readOutput([hostile]));
  });
});
