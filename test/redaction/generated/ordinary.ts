import { ALNUM, BASE64, DIGITS, HEX, LOWER, type Random, seeded, UPPER } from './random.ts';

type Make = (random: Random) => string;

const OBJECTS = [
  'minio-credentials',
  'app-tokens',
  'registry-credentials',
  'db-password',
  'webhook-certs',
  'regcred',
  'builder-token-x7k2p',
  'tls-secret',
  'orders-db-auth',
  'api-key',
];
const SPACES = ['knative-lambda', 'token-service', 'auth', 'shop', 'secret-store', 'kube-system', 'password-reset'];
const NAMES = [
  'password',
  'token',
  'secret',
  'api_key',
  'client_secret',
  'access_token',
  'DB_PASSWORD',
  'API_TOKEN',
  'MINIO_SECRET_KEY',
  'authToken',
  'apiKey',
  'passphrase',
  'credentials',
  'secretKey',
];
const WORDS = ['orders', 'users', 'invoice', 'metrics', 'cache', 'events', 'session', 'checkout', 'cart', 'mail'];
const uuid = (r: Random) => [8, 4, 4, 4, 12].map((length) => r.text(HEX, length)).join('-');
const number = (r: Random) => String(r.below(9_000) + 1);
const file = (r: Random) =>
  `/var/run/secrets/${r.one(WORDS)}/${r.one(['token', 'password', 'key.pem', 'ca.crt', 'api-key'])}`;
const pod = (r: Random) =>
  `${r.one(WORDS)}-${r.text('bcdfghjklmnpqrstvwxz2456789', 9)}-${r.text('bcdfghjklmnpqrstvwxz2456789', 5)}`;

/** What Kubernetes says when it speaks of Secrets, tokens and credentials. */
const KUBERNETES: readonly Make[] = [
  (r) => `MountVolume.SetUp failed for volume "creds" : secret "${r.one(OBJECTS)}" not found`,
  (r) => `Error: secret "${r.one(OBJECTS)}" not found`,
  (r) => `couldn't find key ${r.one(['password', 'access-key', 'token'])} in Secret ${r.one(SPACES)}/${r.one(OBJECTS)}`,
  (r) =>
    `failed to list *v1.Secret: secrets is forbidden: User "system:serviceaccount:${r.one(SPACES)}:default" cannot list resource "secrets" in API group "" at the cluster scope`,
  (r) =>
    `secrets "${r.one(OBJECTS)}" is forbidden: User "ana" cannot get resource "secrets" in API group "" in the namespace "${r.one(SPACES)}"`,
  (r) =>
    `MountVolume.SetUp failed for volume "kube-api-access-${r.text(LOWER, 5)}" : failed to fetch token: context deadline exceeded`,
  (r) => `secret/${r.one(OBJECTS)} configured`,
  (r) => `secret/${r.one(OBJECTS)} created`,
  (r) => `${r.one(OBJECTS)}   kubernetes.io/service-account-token   3      ${r.below(90)}d`,
  (r) =>
    `Name:         ${r.one(OBJECTS)}\nNamespace:    ${r.one(SPACES)}\nType:  Opaque\n\nData\n====\npassword:  ${r.below(40)} bytes\ntoken:     ${r.below(900)} bytes`,
  (r) => `      DB_PASSWORD:  <set to the key 'password' in secret '${r.one(OBJECTS)}'>  Optional: false`,
  (r) =>
    `    Mounts:\n      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-${r.text(LOWER, 5)} (ro)`,
  (r) =>
    `Unable to retrieve some image pull secrets (${r.one(OBJECTS)}); attempting to pull the image may not succeed.`,
  (r) => `imagePullSecrets: [{"name":"${r.one(OBJECTS)}"}]`,
  (r) =>
    `        - name: DB_PASSWORD\n          valueFrom:\n            secretKeyRef:\n              name: ${r.one(OBJECTS)}\n              key: password`,
  (r) => `{"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{"name":"${r.one(OBJECTS)}","key":"password"}}}`,
  (r) => `  volumes:\n  - name: token\n    secret:\n      secretName: ${r.one(OBJECTS)}`,
  (r) => `  - projected: {sources: [{serviceAccountToken: {expirationSeconds: ${number(r)}, path: token}}]}`,
  (r) =>
    `Failed to pull image "registry.local:5000/${r.one(WORDS)}@sha256:${r.text(HEX, 64)}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  (r) =>
    `pods "${pod(r)}" is forbidden: error looking up service account ${r.one(SPACES)}/default: serviceaccount "default" not found`,
  (r) =>
    `E1126 10:00:00.${r.text(DIGITS, 6)}       1 authentication.go:${r.below(200)}] "Unable to authenticate the request" err="[invalid bearer token, service account token has expired]"`,
  (r) =>
    `I1126 10:00:00.${r.text(DIGITS, 6)}       1 reflector.go:${r.below(900)}] Caches populated for *v1.Secret from k8s.io/client-go/informers/factory.go:${r.below(300)}`,
  (r) => `Secret "${r.one(OBJECTS)}" of namespace ${r.one(SPACES)} has no key named token`,
  (r) => `kube_secret_info{namespace="${r.one(SPACES)}",secret="${r.one(OBJECTS)}"} 1`,
  (r) => `kube_secret_labels{secret="${r.one(OBJECTS)}",label_app="${r.one(WORDS)}"} 1`,
  (r) =>
    `  caBundle: ${Buffer.from(`-----BEGIN CERTIFICATE-----\nMIIC${r.text(BASE64, 60)}\n-----END CERTIFICATE-----\n`).toString('base64')}`,
  (r) => `-----BEGIN CERTIFICATE-----\nMIIC${r.text(BASE64, 60)}\n${r.text(BASE64, 64)}\n-----END CERTIFICATE-----`,
  (r) => `-----BEGIN PUBLIC KEY-----\nMIIB${r.text(BASE64, 60)}\n-----END PUBLIC KEY-----`,
  (r) =>
    `csr-${r.text(LOWER, 5)}   ${r.below(59)}s   kubernetes.io/kube-apiserver-client-kubelet   system:bootstrap:${r.text(LOWER + DIGITS, 6)}   Approved,Issued`,
  (r) => `    tokenExpirationSeconds: ${number(r)}`,
  (r) => `serviceaccounts "${r.one(WORDS)}" already has ${r.below(9)} tokens`,
  (r) => `webhook "vault.hashicorp.com": secret store ${r.one(OBJECTS)} is not ready`,
  (r) =>
    `ExternalSecret ${r.one(SPACES)}/${r.one(OBJECTS)}: SecretSyncedError: could not get secret data from provider`,
];

/** Numbers, switches, states and names of things behind a name that sounds like a secret. */
const FIELDS: readonly Make[] = [
  (r) => `pass=${r.below(99)} fail=${r.below(9)} skip=0`,
  (r) => `pass: ${r.below(99)} tests, fail: ${r.below(9)}`,
  (r) => `max_tokens=${number(r)} tokens_used=${number(r)} prompt_tokens: ${number(r)}`,
  (r) => `tokens=${number(r)} token_count=${number(r)} token_ttl=${number(r)}s`,
  (r) => `{"usage":{"prompt_tokens":${number(r)},"completion_tokens":${number(r)},"total_tokens":${number(r)}}}`,
  (r) => `password_attempts=${r.below(9)} password_min_length=8 password_policy=strict`,
  (r) => `session_timeout=${r.below(90)}m session_id_length=32`,
  (r) => `routing_key=${r.one(WORDS)}.${r.one(['created', 'deleted', 'paid'])}`,
  (r) => `msg="published" exchange=events routing_key="${r.one(WORDS)}.*.${r.one(WORDS)}"`,
  (r) => `partition_key=${r.one(WORDS)}_id sort_key=created_at`,
  (r) => `cache_key=${r.one(WORDS)}:${number(r)} hit=false`,
  (r) => `primary key (${r.one(WORDS)}_id), foreign key: ${r.one(WORDS)}_id`,
  (r) => `key=${r.one(WORDS)}/${number(r)} value=${r.below(9)}`,
  (r) => `idempotency_key=${uuid(r)}`,
  (r) => `idempotency-key: ${uuid(r)}`,
  (r) => `"knative.dev/key":"${r.one(SPACES)}/${r.one(WORDS)}","duration":"${number(r)}ms"`,
  (r) =>
    `auth=${r.one(['ldap', 'oidc', 'basic', 'none', 'kubernetes', 'enabled'])} auth_method=${r.one(['token', 'password', 'approle'])}`,
  (r) => `auth: ${r.one(['disabled', 'ok', 'failed', 'required', 'none'])}`,
  () => 'Authorization: RBAC',
  () => '--authorization-mode=Node,RBAC --enable-bootstrap-token-auth=true --anonymous-auth=false',
  (r) => `--service-account-signing-key-file=/etc/kubernetes/pki/sa.key --token-auth-file=${file(r)}`,
  (r) => `--tls-private-key-file=${file(r)} --client-key=${file(r)}`,
  (r) =>
    `${r.one(NAMES)}: ${r.one(['expired', 'missing', 'invalid', 'required', 'not set', 'unset', 'empty', 'rejected', 'accepted', 'valid', 'present', 'revoked', 'changed', 'rotated'])}`,
  (r) =>
    `${r.one(NAMES)}=${r.one(['null', 'nil', 'None', 'true', 'false', 'undefined', '""', "''", '<nil>', '<none>', '(none)', 'not-set', 'unset', 'present', 'missing', 'expired'])}`,
  (r) =>
    `${r.one(NAMES)}=${r.one(['****', '********', '***', 'xxxxxxxx', '[REDACTED]', '<redacted>', '[FILTERED]', '(hidden)', '<hidden>', '<sensitive>', '(sensitive value)', '[MASKED]', '******'])}`,
  (r) => `"${r.one(NAMES)}": "${r.one(['***', '<redacted>', '[redacted]', '********', '(sensitive)', ''])}"`,
  (r) => `${r.one(NAMES)}_file=${file(r)}`,
  (r) => `${r.one(NAMES).toUpperCase()}_FILE=${file(r)} PASS_THROUGH=1`,
  (r) => `${r.one(NAMES)}File: ${file(r)}`,
  (r) => `${r.one(NAMES)}: ${file(r)}`,
  (r) => `TOKEN_PATH=${file(r)} SECRET_NAME=${r.one(OBJECTS)} AUTH_ENABLED=true`,
  (r) => `secretName: ${r.one(OBJECTS)}`,
  (r) => `tokenSecretRef: {name: ${r.one(OBJECTS)}, key: token}`,
  (r) => `passwordSecret: ${r.one(OBJECTS)}`,
  (r) => `existingSecret: ${r.one(OBJECTS)}`,
  (r) => `credentialsId: ${r.one(OBJECTS)}`,
  () => 'SSH_AUTH_SOCK=/tmp/ssh-XXXX/agent.12 PWD=/workspace OLDPWD=/',
  () => 'TOKENIZERS_PARALLELISM=false COMPASS=north BYPASS=1',
  () => 'compass: north, bypass=1, passed=12, passive=yes, encompass=all',
  (r) => `author=${r.one(WORDS)} authority=system authored=${number(r)}`,
  () => 'cookies=enabled cookie_secure=true cookie_max_age=3600 same_site_cookie: lax',
  () => 'Cookies are disabled; sticky sessions use no cookie',
  (r) => `signature=${r.one(['v4', 'valid', 'missing', 'ok', 'RS256', 'ed25519'])} sig=SIGTERM signal=15`,
  (r) => `license_key=${r.one(['missing', 'expired', 'community', 'invalid'])}`,
  (r) => `key_size=${r.one(['2048', '4096'])} key_type=rsa host_key_algorithms=ssh-ed25519 public_key_count=2`,
  (r) => `public_key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.text(BASE64, 43)} ana@laptop`,
  (r) => `publicKey: "ed25519:${r.text(BASE64, 43)}="`,
  (r) => `kms_key_id=arn:aws:kms:eu-west-1:${r.text(DIGITS, 12)}:key/${uuid(r)}`,
  (r) =>
    `SecretId=arn:aws:secretsmanager:eu-west-1:${r.text(DIGITS, 12)}:secret:${r.one(WORDS)}/db-${r.text(ALNUM, 6)}`,
  (r) => `token_type=bearer expires_in=${number(r)} scope=openid`,
  (r) => `"token_type":"Bearer","expires_in":${number(r)}`,
  (r) => `access_key_rotation=${r.below(90)}d secret_rotation: 90d token_refresh_interval: 5m`,
  (r) => `vault_token_count_by_policy{policy="default"} ${r.below(99)}`,
  (r) => `token_requests_total{code="200",client="${r.one(WORDS)}"} ${number(r)}`,
  (r) => `oauth_token_expiry_seconds ${number(r)}.${r.below(9)}`,
  (r) => `authentication_attempts{result="success"} ${number(r)}`,
  (r) =>
    `{"token":null,"password":"","secret":false,"credentials":[],"apiKey":{}}`.replace(
      'null',
      r.one(['null', 'false', '""']),
    ),
  (r) => `credentials: ${r.one(['ok', 'not found', 'loaded', 'from environment', 'default chain'])}`,
  (r) => `otp=${r.one(['enabled', 'disabled', 'required'])} mfa=${r.one(['on', 'off'])}`,
  (r) => `encryption_key_version=${r.below(9)} signing_key_id=${r.one(WORDS)}-${r.below(9)}`,
];

/** Configuration that points to a secret and holds none. */
const REFERENCES: readonly Make[] = [
  (r) => `${r.one(NAMES)}: \${${r.one(NAMES).toUpperCase()}}`,
  (r) => `${r.one(NAMES)}=$${r.one(['DB_PASSWORD', 'API_TOKEN', 'SECRET'])}`,
  (r) => `${r.one(NAMES)}="\${${r.one(NAMES).toUpperCase()}:-}"`,
  (r) => `${r.one(NAMES)}=$(cat ${file(r)})`,
  (r) => `${r.one(NAMES)}: {{ .Values.${r.one(WORDS)}.password }}`,
  (r) => `${r.one(NAMES)}: "{{ lookup('env', 'DB_PASSWORD') }}"`,
  (r) => `${r.one(NAMES)}: {{ .Values.auth.password | b64enc | quote }}`,
  (r) => `${r.one(NAMES)}: \${{ secrets.${r.one(NAMES).toUpperCase()} }}`,
  (r) => `${r.one(NAMES)} = var.${r.one(NAMES)}`,
  (r) => `${r.one(NAMES)} = data.vault_generic_secret.app.data["password"]`,
  (r) => `${r.one(NAMES)}: vault:secret/data/${r.one(WORDS)}#password`,
  (r) => `${r.one(NAMES)}: ref+vault://secret/${r.one(WORDS)}/password`,
  (r) => `${r.one(NAMES)} = os.getenv("${r.one(NAMES).toUpperCase()}")`,
  (r) => `${r.one(NAMES)} = os.environ.get("${r.one(NAMES).toUpperCase()}")`,
  (r) => `const ${r.one(['token', 'password', 'apiKey'])} = process.env.${r.one(NAMES).toUpperCase()};`,
  (r) => `${r.one(['token', 'password'])} := os.Getenv("${r.one(NAMES).toUpperCase()}")`,
  (r) => `"${r.one(NAMES)}": "%env(${r.one(NAMES).toUpperCase()})%"`,
  (r) => `"${r.one(NAMES)}": "<your ${r.one(['password', 'token', 'API key'])} here>"`,
  (r) => `${r.one(NAMES)}: <password>`,
  (r) => `curl -H "Authorization: Bearer $TOKEN" https://${r.one(WORDS)}.example.com/v1`,
  () => 'curl -H "Authorization: Bearer $\u007bAPI_TOKEN}" -u "$USER:$PASS" https://api.example.com',
  () => 'Authorization: Bearer <token>',
  () => 'Authorization: Basic <credentials>',
  (r) => `postgres://\${DB_USER}:\${DB_PASSWORD}@${r.one(WORDS)}-db:5432/app`,
  (r) => `postgres://$DB_USER:$DB_PASSWORD@${r.one(WORDS)}-db:5432/app`,
  (r) => `postgres://app:****@${r.one(WORDS)}-db:5432/app`,
  (r) => `amqp://guest:xxxxx@${r.one(WORDS)}.svc:5672`,
  (r) => `docker login -u ana --password-stdin registry.${r.one(WORDS)}.local`,
  () => 'mysql -h db -u app -p orders',
  (r) => `kubectl create secret generic ${r.one(OBJECTS)} --from-literal=password=$PASSWORD`,
  (r) => `kubectl create secret generic ${r.one(OBJECTS)} --from-file=./password.txt`,
  () => 'vault kv get -field=password secret/app',
  () => 'mc alias set store http://minio:9000 $ACCESS_KEY $SECRET_KEY',
];

/** Programs that name the type, the column or the variable. */
const CODE: readonly Make[] = [
  (r) => `SELECT id, password FROM ${r.one(WORDS)} WHERE token = $1 AND secret = ?`,
  (r) => `UPDATE ${r.one(WORDS)} SET password = :password, token = %s WHERE id = ${number(r)}`,
  () => 'CREATE USER app WITH PASSWORD $1',
  () => 'password VARCHAR(255) NOT NULL, token TEXT, secret BYTEA',
  () => 'func login(user string, password string) (token string, err error) {',
  () => 'def login(user: str, password: str, token: Optional[str] = None) -> Token:',
  () => 'public String getPassword() { return this.password; }',
  () => '"password":{"type":"string","format":"password","minLength":8},"token":{"type":"string"}',
  () => 'type Config struct { Password string; Token *string; Secret []byte }',
  () => 'SyntaxError: Unexpected token } in JSON at position 12',
  () => 'SyntaxError: Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
  () => 'Uncaught SyntaxError: Invalid or unexpected token',
  (r) => `error: unexpected token: ${r.one(['EOF', 'identifier', 'string', 'RBRACE', 'INDENT', 'NEWLINE'])}`,
  (r) => `yaml: line ${r.below(99)}: found character that cannot start any token`,
  () => 'template: secret.yaml:5: unexpected "}" in operand',
  (r) => `at ${r.one(WORDS)}.getToken (/app/node_modules/auth-token/lib/token.js:${r.below(900)}:${r.below(80)})`,
  (r) => `  File "/app/auth/password.py", line ${r.below(900)}, in check_password\n    raise InvalidPassword(user)`,
  (r) =>
    `java.lang.IllegalArgumentException: token must not be null at com.example.Auth.token(Auth.java:${r.below(900)})`,
  (r) => `goroutine ${r.below(99)} [running]: main.parseToken(0x${r.text(HEX, 10)}, 0x${r.text(HEX, 2)})`,
  () => 'undefined: password, undefined: secretKey',
  () => 'cannot use token (variable of type *oauth2.Token) as string value in argument',
  () => 'if password == "" { return errMissing }',
  () => 'if (token === null) throw new Error("no token");',
  () => 'password = input("Password: ")',
  () => 'token = parser.nextToken(); secret = getSecret(name); password = readPassword(stdin)',
  () => 'this.password = password; self.token = token; config.secret = secret',
  (r) =>
    `${r.one(['password', 'token', 'secret'])} = ${r.one(['getPassword()', 'config.get("db.password")', 'settings.SECRET_KEY', 'args.token', 'opts.password', 'request.headers.authorization', 'crypto.randomBytes(32)'])}`,
  () => 'error: the following arguments are required: --password, --token',
  () => 'Usage: tool [--password PASSWORD] [--token TOKEN] [--secret-file FILE]',
  () => '  --password string   password for the registry (default "")',
  () => '  -p, --password string          Password',
  () => 'flag provided but not defined: -token',
];

/** Sentences about secrets. */
const SENTENCES: readonly Make[] = [
  (r) => `FATAL:  password authentication failed for user "${r.one(WORDS)}"`,
  (r) => `Access denied for user '${r.one(WORDS)}'@'10.0.0.${r.below(255)}' (using password: YES)`,
  (r) => `Access denied for user '${r.one(WORDS)}'@'localhost' (using password: NO)`,
  () => 'password: must be at least 8 characters long',
  () => 'The password is too short. The token is invalid or has expired.',
  () => 'password is required, secret is mounted at /etc/secret',
  (r) =>
    `invalid token: ${r.one(['signature is invalid', 'token is expired by 5m', 'unexpected signing method', 'EOF', 'malformed', 'could not be parsed'])}`,
  (r) =>
    `failed to refresh token: ${r.one(['oauth2: cannot fetch token: 401 Unauthorized', 'context deadline exceeded', 'dial tcp: lookup auth: no such host'])}`,
  (r) =>
    `could not get token: ${r.one(['AccessDenied', 'RequestError: send request failed', 'NoCredentialProviders: no valid providers in chain'])}`,
  () => 'NoCredentialProviders: no valid providers in chain. Deprecated.',
  () => 'Unable to locate credentials. You can configure credentials by running "aws configure".',
  () =>
    'WWW-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
  () => 'WWW-Authenticate: Basic realm="Registry"',
  () => 'Basic authentication is disabled, Bearer tokens are required',
  () => 'Bearer authentication requires a valid token',
  () => 'missing Authorization header; expected "Authorization: Bearer <token>"',
  () => 'the Authorization header is malformed',
  () => 'secret rotation completed, 3 secrets rotated, 0 failed',
  (r) => `token bucket: refill rate=${number(r)} burst=${number(r)}`,
  (r) => `vault: token renewed, ttl=${number(r)}s`,
  () => 'tokenizer: loaded 50257 entries, token embeddings ready',
  () => 'access granted to role reader, key rotation scheduled',
  () => 'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error")',
  () => 'signature verification: ok; signature algorithm: SHA256-RSA',
  () =>
    'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey password], no supported methods remain',
  () => 'Permission denied (publickey,password).',
  () => 'Enter password: ',
  () => 'password for the key store was wrong or the file is damaged',
  () => 'The secret to fast builds is caching; the key is a good password policy.',
  (r) => `Password changed for user ${r.one(WORDS)}, session invalidated`,
  (r) => `user ${r.one(WORDS)} reset the password; token sent to ana@example.com`,
  (r) => `login: ${r.one(WORDS)} password: incorrect`,
  () => 'API key not valid. Please pass a valid API key.',
  () => 'no api key found in request',
  () => 'authentication handshake failed: tls: first record does not look like a TLS handshake',
  () => 'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
  () => 'Login Succeeded. WARNING! Your password will be stored unencrypted in /root/.docker/config.json.',
  (r) => `NOAUTH Authentication required. WRONGPASS invalid username-password pair or user is disabled. (${number(r)})`,
  () => 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.',
];

/** Long random-looking text that identifies and does not authenticate. */
const IDENTIFIERS: readonly Make[] = [
  (r) =>
    `INFO[00${r.below(90) + 10}] Pushed kind-registry:5000/${r.one(SPACES)}/${r.one(WORDS)}@sha256:${r.text(HEX, 64)}`,
  (r) => `sha256:${r.text(HEX, 64)}: digest mismatch, expected sha256:${r.text(HEX, 64)}`,
  (r) => `commit ${r.text(HEX, 40)} merged by ${r.one(WORDS)}`,
  (r) => `HEAD is now at ${r.text(HEX, 7)} rotate token of ${r.one(WORDS)}`,
  (r) => `trace_id=${r.text(HEX, 32)} span_id=${r.text(HEX, 16)}`,
  (r) => `traceparent: 00-${r.text(HEX, 32)}-${r.text(HEX, 16)}-01`,
  (r) => `x-request-id: ${uuid(r)} uid: ${uuid(r)}`,
  (r) => `etag="${r.text(HEX, 32)}" x-amz-request-id: ${r.text(UPPER + DIGITS, 16)} x-amz-id-2: ${r.text(BASE64, 75)}=`,
  (r) => `request id 01${r.text('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)} took ${number(r)}ms`,
  (r) => `Successfully assigned ${r.one(SPACES)}/${pod(r)} to node-${r.below(40)}`,
  (r) => `resourceVersion: "${r.text(DIGITS, 9)}" fingerprint: ${r.text(HEX, 16)}`,
  (r) => `"integrity": "sha512-${r.text(BASE64, 86)}=="`,
  (r) => `golang.org/x/crypto v0.${r.below(40)}.0 h1:${r.text(BASE64, 43)}=`,
  (r) => `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ${r.text(BASE64, 120)} ana@laptop`,
  (r) => `SHA256:${r.text(BASE64, 43)} (ED25519) host key accepted`,
  (r) => `serial: ${Array.from({ length: 16 }, () => r.text(HEX, 2)).join(':')}`,
  (r) => `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA${r.text(BASE64, 60)}`,
  (r) => `container_id=containerd://${r.text(HEX, 64)}`,
  (r) => `layer ${r.text(HEX, 12)}: Already exists; blob uploads/${uuid(r)}`,
  (r) => `arn:aws:iam::${r.text(DIGITS, 12)}:role/${r.one(WORDS)} vpc-${r.text(HEX, 17)} i-${r.text(HEX, 17)}`,
  (r) => `projects/acme-${r.below(99)}/locations/eu/keyRings/main/cryptoKeys/${r.one(WORDS)}`,
  (r) => `/subscriptions/${uuid(r)}/resourceGroups/${r.one(WORDS)}/providers/Microsoft.KeyVault/vaults/x`,
  (r) => `client_id=${uuid(r)} tenant_id=${uuid(r)} account_id=${r.text(DIGITS, 12)}`,
  (r) => `kid=${r.text(HEX, 40)} alg=RS256 iss=https://issuer.example.com`,
  (r) => `consumer group ${r.one(WORDS)}-${uuid(r)} rebalanced, member consumer-1-${uuid(r)}`,
  (r) => `ami-${r.text(HEX, 17)} sg-${r.text(HEX, 17)} subnet-${r.text(HEX, 17)}`,
  (r) => `bucket s3://${r.one(WORDS)}-backup/${r.text(HEX, 32)}/dump.sql.gz`,
  (r) => `revision ${r.one(WORDS)}-0000${r.below(9)} generation ${r.below(99)} hash ${r.text(LOWER + DIGITS, 10)}`,
  (r) => `0x${r.text(HEX, 40)} ${r.text(HEX, 64)}`,
  (r) => `session ${r.text(HEX, 32)} closed after ${number(r)}ms`,
];

/** Addresses and traffic. */
const TRAFFIC: readonly Make[] = [
  (r) =>
    `10.42.${r.below(255)}.${r.below(255)} - - [26/Nov/2026:10:12:${10 + r.below(49)} +0000] "GET /api/v1/${r.one(WORDS)}/${r.text(HEX, 24)}?page=${r.below(90)} HTTP/1.1" 200 ${number(r)} "-" "okhttp/4.${r.below(12)}"`,
  (r) =>
    `Get "https://kubernetes.default.svc:443/api/v1/namespaces/${r.one(SPACES)}/secrets/${r.one(OBJECTS)}": dial tcp 10.96.0.1:443: i/o timeout`,
  (r) => `http://${r.one(WORDS)}.svc.cluster.local:8080/oauth/token?grant_type=client_credentials`,
  (r) => `POST /auth/realms/main/protocol/openid-connect/token HTTP/1.1" 401 ${r.below(200)}`,
  () => 'POST /login?next=%2Faccount%2Fpassword HTTP/2 302',
  (r) => `GET /password/reset?step=${r.below(4)} 200 ${r.below(90)}ms`,
  (r) => `git@github.com:acme/${r.one(WORDS)}.git ssh://git@host:22/${r.one(WORDS)}`,
  (r) => `https://registry.npmjs.org/@babel/core/-/core-7.${r.below(30)}.${r.below(9)}.tgz`,
  (r) => `ana@example.com wrote to ${r.one(WORDS)}@example.com at 12:${10 + r.below(49)}:00`,
  (r) => `dial tcp [2001:db8::${r.text(HEX, 4)}]:443: connect: connection refused`,
  () => 'upstream http://user-service:8080/@me returned 404',
  (r) => `postgres://${r.one(WORDS)}-db:5432/app?sslmode=disable`,
  (r) => `amqp://rabbitmq.${r.one(SPACES)}.svc:5672 refused`,
  (r) => `redis://cache:6379/0 and mongodb://db:27017/${r.one(WORDS)}`,
  (r) => `jdbc:postgresql://db:5432/${r.one(WORDS)}?user=app&ssl=true`,
  (r) => `image: ghcr.io/acme/${r.one(WORDS)}:v1.${r.below(30)}@sha256:${r.text(HEX, 64)}`,
  (r) => `http://localhost:3000/d/${r.text(ALNUM, 9)}/${r.one(WORDS)}?orgId=1&from=now-1h&to=now`,
  (r) => `<https://wiki.example.com/${r.one(WORDS)}#token-rotation|wiki>`,
];

export const ORDINARY_KINDS: Readonly<Record<string, readonly Make[]>> = {
  Kubernetes: KUBERNETES,
  fields: FIELDS,
  references: REFERENCES,
  code: CODE,
  sentences: SENTENCES,
  identifiers: IDENTIFIERS,
  traffic: TRAFFIC,
};

const AROUND: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `2026-11-26T10:00:00.000Z WARN ${line}`,
  (line) => `time="2026-11-26T10:00:00Z" level=error msg=${JSON.stringify(line)}`,
  (line) => JSON.stringify({ level: 'info', ts: 1_796_000_000.123, msg: line }),
];

/** Lines that sound like secrets and hold none: each template `each` times, bare and inside logs. */
export function ordinaryCorpus(
  seed: number,
  each: number,
): readonly { readonly kind: string; readonly text: string }[] {
  const random = seeded(seed);
  return Object.entries(ORDINARY_KINDS).flatMap(([kind, makers]) =>
    makers.flatMap((make) =>
      Array.from({ length: each }, (_, index) => ({
        kind,
        text: (AROUND[index % AROUND.length] ?? ((line) => line))(make(random)),
      })),
    ),
  );
}
