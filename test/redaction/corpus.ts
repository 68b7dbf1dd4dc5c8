/** A small generator with a seed: the corpus is the same on every run, and no secret-looking literal stands in a file. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = randomness(20251124);
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const ALNUM = UPPER + LOWER + DIGITS;

function pick(alphabet: string, length: number): string {
  let out = '';
  for (let index = 0; index < length; index += 1) out += alphabet[Math.floor(random() * alphabet.length)];
  return out;
}

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const jwt = () =>
  `${base64url('{"alg":"RS256","typ":"JWT"}')}.${base64url(`{"sub":"${pick(LOWER, 8)}"}`)}.${pick(ALNUM, 86)}`;
const keyBody = () => `MIIEvQIBADANBgkqhkiG9w0${pick(ALNUM, 41)}\n${pick(ALNUM, 64)}\n${pick(ALNUM, 32)}=`;

/** Credentials that are recognised by their own shape, anywhere in a text. */
const SHAPES: Readonly<Record<string, () => string>> = {
  'github classic': () => `gh${pick('pousr', 1)}_${pick(ALNUM, 36)}`,
  'github fine-grained': () => `github_pat_${pick(ALNUM, 22)}_${pick(ALNUM, 59)}`,
  gitlab: () => `glpat-${pick(ALNUM, 20)}`,
  'slack bot': () => `xoxb-${pick(DIGITS, 12)}-${pick(DIGITS, 12)}-${pick(ALNUM, 24)}`,
  'slack app': () => `xapp-1-A${pick(UPPER + DIGITS, 10)}-${pick(DIGITS, 13)}-${pick(HEX, 64)}`,
  'google api': () => `AIza${pick(`${ALNUM}_-`, 35)}`,
  'google oauth': () => `ya29.${pick(ALNUM, 60)}`,
  'google client': () => `GOCSPX-${pick(ALNUM, 28)}`,
  'aws key id': () => `AKIA${pick(`${UPPER}234567`, 16)}`,
  npm: () => `npm_${pick(ALNUM, 36)}`,
  pypi: () => `pypi-AgEIcHlwaS5vcmc${pick(ALNUM, 60)}`,
  sendgrid: () => `SG.${pick(ALNUM, 22)}.${pick(ALNUM, 43)}`,
  stripe: () => `sk_live_${pick(ALNUM, 24)}`,
  'model provider': () => `sk-proj-${pick(ALNUM, 48)}`,
  huggingface: () => `hf_A${pick(ALNUM, 33)}`,
  vault: () => `hvs.${pick(ALNUM, 24)}`,
  terraform: () => `${pick(ALNUM, 14)}.atlasv1.${pick(ALNUM, 60)}`,
  docker: () => `dckr_pat_${pick(ALNUM, 27)}`,
  digitalocean: () => `dop_v1_${pick(HEX, 64)}`,
  shopify: () => `shpat_${pick(HEX, 32)}`,
  grafana: () => `glsa_${pick(ALNUM, 32)}_${pick(HEX, 8)}`,
  newrelic: () => `NRAK-${pick(UPPER + DIGITS, 27)}`,
  linear: () => `lin_api_${pick(ALNUM, 40)}`,
  notion: () => `ntn_${pick(ALNUM, 46)}`,
  figma: () => `figd_${pick(ALNUM, 40)}`,
  age: () => `AGE-SECRET-KEY-1${pick(UPPER + DIGITS, 58)}`,
  tailscale: () => `tskey-auth-${pick(ALNUM, 12)}-${pick(ALNUM, 32)}`,
  databricks: () => `dapi${pick(HEX, 32)}`,
  planetscale: () => `pscale_tkn_${pick(ALNUM, 43)}`,
  sentry: () => `sntrys_${pick(ALNUM, 60)}`,
  atlassian: () => `ATATT3${pick(ALNUM, 180)}`,
  postman: () => `PMAK-${pick(HEX, 24)}-${pick(HEX, 34)}`,
  rubygems: () => `rubygems_${pick(HEX, 48)}`,
  twilio: () => `SK${pick(HEX, 32)}`,
  telegram: () => `${pick('123456789', 10)}:AA${pick(ALNUM, 33)}`,
  'azure client': () => `${pick(ALNUM, 3)}8Q~${pick(ALNUM, 34)}`,
  mailchimp: () => `${pick(HEX, 32)}-us14`,
  jwt,
  bcrypt: () => `$2b$12$${pick(ALNUM, 53)}`,
};

/** Secrets of no shape of their own, given away by what stands around them; `@` is where the secret stands. */
const SURROUNDINGS: Readonly<Record<string, readonly string[]>> = {
  environment: [
    'DB_PASSWORD=@',
    'export MINIO_ROOT_PASSWORD="@"',
    'REDIS_PASS=@',
    "AWS_SECRET_ACCESS_KEY='@'",
    'PGPASSWORD=@ psql -h db',
  ],
  json: [
    '{"password":"@","user":"ana"}',
    '{"clientSecret": "@"}',
    '{"msg":"login {\\"apiKey\\":\\"@\\"}"}',
    '{"private_key_id":1,"token":"@"}',
    "{'secret': '@'}",
  ],
  yaml: ['password: @', '  client-key-data: @', 'accessKey: "@"', "  secretKey: '@'", 'token: @ # rotated'],
  'name and value': [
    '{"name":"DB_PASSWORD","value":"@"}',
    '- name: API_TOKEN\n  value: @',
    '{"name": "SECRET_KEY", "value": "@"}',
    '- name: RABBITMQ_PASSWORD\n      value: "@"',
    '{\\"name\\":\\"AUTH_TOKEN\\",\\"value\\":\\"@\\"}',
  ],
  header: [
    'Authorization: Bearer @',
    'authorization: Basic @',
    '> X-Api-Key: @',
    '"x-vault-token":"@"',
    'Proxy-Authorization: Digest @',
    'map[Authorization:[Bearer @]]',
  ],
  cookie: ['Cookie: session=@; theme=dark', 'Set-Cookie: sid=@; HttpOnly', 'cookie="JSESSIONID=@"'],
  'url password': [
    'postgres://app:@@db:5432/orders',
    'amqp://guest:@@rabbitmq.svc:5672/',
    'redis://:@@cache:6379',
    'mongodb+srv://u:@@c0.mongodb.net/x?y=z',
    'cloning https://ci:@@git.example.com/a/b.git',
  ],
  'connection string': [
    'Server=db;User=sa;Password=@;Encrypt=true',
    'DefaultEndpointsProtocol=https;AccountKey=@;EndpointSuffix=core',
    'app:@@tcp(db:3306)/orders',
    'Endpoint=sb://x/;SharedAccessKey=@',
    'host=db user=app password=@ sslmode=require',
  ],
  'query string': [
    'GET /cb?access_token=@&state=1',
    'https://s3/x?X-Amz-Signature=@&X-Amz-Expires=60',
    '/hook?secret=@ HTTP/1.1',
    'https://acct.blob/x?sv=1&sig=@',
    '/login?user=a&password=@',
  ],
  flag: [
    'mc alias set m http://m --password @',
    'docker login -p x --password=@',
    'tool --api-key @ --verbose',
    'vault login --token "@"',
    'curl -u admin:@ http://x/',
  ],
  'go struct': [
    'cfg={Host:db Password:@ Port:5432}',
    'Config{Token:"@"}',
    'opts: &{ClientSecret:@}',
    '{AccessKey:AK Secret:@ Region:x}',
    'Password: (string) "@"',
  ],
  'private key': [
    '-----BEGIN RSA PRIVATE KEY-----\n@\n-----END RSA PRIVATE KEY-----',
    '{"private_key":"-----BEGIN PRIVATE KEY-----\\n@\\n-----END PRIVATE KEY-----\\n"}',
    'cut off: -----BEGIN EC PRIVATE KEY-----\n@',
    '@\n-----END OPENSSH PRIVATE KEY-----',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n@\n-----END PGP PRIVATE KEY BLOCK-----',
  ],
  'docker config': [
    '{"auths":{"r.io":{"auth":"@"}}}',
    '.dockerconfigjson: @',
    '{"auths":{"r.io":{"username":"u","password":"@"}}}',
  ],
  'webhook url': ['https://hooks.slack.com/services/@', 'https://discord.com/api/webhooks/123456789012/@'],
};

const CONTEXTS: readonly ((secret: string) => string)[] = [
  (secret) => `2025-11-24T04:00:00Z INFO using ${secret} for the upload`,
  (secret) => `{"level":"error","msg":"call failed","detail":"got ${secret}"}`,
  (secret) => `fatal: ${secret}: rejected\n  at push (main.go:12)`,
  (secret) => `(${secret}),[${secret}]`,
];

export interface Planted {
  readonly kind: string;
  readonly text: string;
  /** Must not be in the output; of a private key or cookie every line or value counts. */
  readonly secrets: readonly string[];
}

/** At least 200 planted secrets of more than 40 kinds. */
export function plantedSecrets(): readonly Planted[] {
  const planted: Planted[] = [];
  for (const [kind, make] of Object.entries(SHAPES)) {
    for (const context of CONTEXTS) {
      const secret = make();
      planted.push({ kind, text: context(secret), secrets: [secret] });
    }
  }
  for (const [kind, texts] of Object.entries(SURROUNDINGS)) {
    for (const text of texts) {
      const secret = kind === 'private key' ? keyBody() : `${pick(ALNUM, 9)}${pick(DIGITS, 2)}${pick(ALNUM, 13)}`;
      // A URL's own @ stands next to the place holder: the first of two is the place.
      const filled = text.includes('@@') ? text.replace('@@', `${secret}@`) : text.replace('@', secret);
      const escaped = text.includes('\\n') ? filled.replaceAll(/(?<=[A-Za-z0-9=])\n(?=[A-Za-z0-9])/g, '\\n') : filled;
      planted.push({ kind, text: escaped, secrets: secret.split('\n') });
    }
  }
  return planted;
}

/** What logs, events and objects ordinarily say. None of it is secret; every change of it is a false alarm. */
export const ORDINARY: readonly string[] = [
  'INFO[0004] Retrieving image manifest kind-registry:5000/python:3.11-alpine',
  'INFO[0061] Taking snapshot of full filesystem...',
  'error building image: error building stage: failed to execute command: waiting for process to exit: signal: killed',
  'checking push permission for "kind-registry:5000/knative-lambda/hello-python:3fa9c1d2e8b0": POST http://kind-registry:5000/v2/: UNAUTHORIZED: authentication required',
  'Back-off restarting failed container user-container in pod hello-nodejs-00008-deployment-7d9f6c5b4-x2x9k',
  'Error creating: pods "invoice-parser-build-1761133000-" is forbidden: exceeded quota: builds-quota, requested: limits.memory=4Gi, used: limits.memory=40Gi, limited: limits.memory=40Gi',
  'MountVolume.SetUp failed for volume "creds" : secret "minio-credentials" not found',
  'Error: secret "registry-credentials" not found',
  "couldn't find key access-key in Secret knative-lambda/minio-credentials",
  'Failed to pull image "docker-pullable://kind-registry:5000/foo@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
  'npm http fetch GET 200 http://registry:4873/@babel/core 35ms',
  'SyntaxError: Unexpected token } in JSON at position 12',
  'invalid token: EOF',
  'token: must not be empty',
  'password: must be at least 8 characters',
  'authentication failed: context deadline exceeded',
  'auth: failed to reach issuer',
  'imagePullSecrets: [{"name":"regcred"}]',
  'secretName: webhook-certs',
  'secretKeyRef: {"name":"minio-credentials","key":"root-password"}',
  "MINIO_ROOT_PASSWORD:  <set to the key 'root-password' in secret 'minio-credentials'>  Optional: false",
  'PASSWORD=$' + '{DB_PASSWORD}',
  'max_tokens=4096 tokens_used=120',
  'tokenizer: loaded 50257 entries',
  'token_type=bearer expires_in=3600',
  'PWD=/workspace',
  'compass: north, bypass=1, passed=12',
  'pass: 12 tests, fail: 0',
  'level=info ts=2025-11-24T04:00:00.000Z caller=main.go:12 msg="started" addr=:8080',
  'GET /healthz?verbose=1 200 3ms user-agent="kube-probe/1.30"',
  '10.244.1.7 - - [24/Nov/2025:04:00:00 +0000] "GET /api/v1/items HTTP/1.1" 200 512',
  'commit 3fa9c1d2e8b04f7a9b6c5d4e3f2a1b0c9d8e7f6a merged',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7',
  'uid: 6c84fb90-12c4-11e1-840d-7b25c5ee775a',
  'request id 01HF7YAT0000000000000000 took 12ms',
  'failed calling webhook "webhook.serving.knative.dev": failed to call webhook: Post "https://webhook.knative-serving.svc:443/defaulting?timeout=10s": no endpoints available for service "webhook"',
  'rabbitmq connection amqp://rabbitmq.knative-lambda.svc:5672 refused',
  'dial tcp 10.96.44.12:9000: connect: connection refused',
  'x509: certificate signed by unknown authority',
  'Readiness probe failed: Get "http://10.244.1.12:8012/health": dial tcp 10.244.1.12:8012: connect: connection refused',
  'ana@example.com wrote to bob@example.com',
  'git@github.com:acme/app.git',
  '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }.',
  'The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi.',
  'leader election lost: client rate limiter Wait returned an error: context deadline exceeded',
  'mysql -h db -u app orders < dump.sql',
  'Basic authentication is disabled, Bearer tokens are required',
  'signature verification: ok',
  'key: value, sort-key: name, primary_key=id',
  'author=ana authority=system',
  'https://kind-registry:5000/v2/knative-lambda/hello-python/blobs/uploads/',
  'http://localhost:3000/d/abc?orgId=1&from=now-1h&to=now',
  'Cookies are disabled',
  'access granted to role reader',
  'webhook-secret-rotation-job completed',
  'kubectl create secret generic minio-credentials',
  '{"token":null,"password":"","secret":false}',
  'vault: token renewed, ttl=3600s',
  'Warning  FailedMount  MountVolume.SetUp failed for volume "kube-api-access-x7k2p" : failed to fetch token: context deadline exceeded',
];
