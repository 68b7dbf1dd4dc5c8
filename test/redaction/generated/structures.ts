import { ALNUM, BASE64, HEX, LOWER, type Random } from './random.ts';

/** What is planted, and what of it must be gone. */
export interface Structure {
  readonly text: string;
  readonly secrets: readonly string[];
}
type Make = (random: Random, secret: string) => string;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pemBody = (random: Random): readonly string[] => [
  `MIIEvQIBADANBgkqhkiG9w0${random.text(ALNUM, 41)}`,
  ...[1, 2, 3].map(() => random.text(BASE64, 64)),
  `${random.text(BASE64, 30)}==`,
];

/** Commands, headers, addresses, statements and messages in which a secret has its place without a name before it. */
const PLACED: Readonly<Record<string, Make>> = {
  'mc alias set': (_, s) => `mc alias set store http://minio:9000 admin ${s}`,
  'mc config host add': (_, s) => `+ mc config host add store https://minio:9000 AKUSER ${s} --api S3v4`,
  'aws configure': (_, s) => `aws configure set aws_secret_access_key ${s}`,
  sshpass: (_, s) => `sshpass -p ${s} ssh root@host`,
  'curl -u': (_, s) => `curl -u admin:${s} https://api/x`,
  'curl --user': (_, s) => `curl --user 'admin:${s}' https://api/x`,
  'curl bearer': (_, s) => `curl -H "Authorization: Bearer ${s}" https://api/x`,
  'curl token': (_, s) => `curl -H 'Authorization: token ${s}' https://api/x`,
  'curl basic': (r, s) => `curl -H "Authorization: Basic ${base64(`${r.text(LOWER, 5)}:${s}`)}" https://api/x`,
  wget: (_, s) => `wget --user=ana --password=${s} https://x/y.tgz`,
  'docker login': (_, s) => `docker login -u ana -p ${s} registry.local:5000`,
  'docker login, stdin': (_, s) => `echo ${s} | docker login -u ana --password-stdin registry.local:5000`,
  'helm registry login': (_, s) => `helm registry login -u ana -p ${s} registry.local:5000`,
  skopeo: (_, s) => `skopeo copy --src-creds ana:${s} docker://a docker://b`,
  'podman --creds': (_, s) => `podman pull --creds=ana:${s} registry/x`,
  'oc login': (_, s) => `oc login --token=${s} --server=https://api:6443`,
  'kubectl config': (_, s) => `kubectl config set-credentials ana --token=${s}`,
  'kubectl docker-registry': (_, s) =>
    `kubectl create secret docker-registry reg --docker-username=ana --docker-password=${s}`,
  'vault login': (_, s) => `vault login ${s}`,
  'vault kv put': (_, s) => `vault kv put secret/app password=${s}`,
  'mysql -p': (_, s) => `mysql -h db -u root -p${s} orders`,
  mysqldump: (_, s) => `mysqldump -uroot -p'${s}' --all-databases`,
  'redis-cli -a': (_, s) => `redis-cli -h cache -a ${s} ping`,
  'redis AUTH': (_, s) => `1796000000.123456 [0 10.0.0.1:1] "AUTH" "${s}"`,
  'redis CONFIG SET': (_, s) => `CONFIG SET requirepass ${s}`,
  'redis.conf': (_, s) => `requirepass ${s}`,
  mongo: (_, s) => `mongosh --host db -u root -p ${s} --authenticationDatabase admin`,
  'psql conninfo': (_, s) => `psql "host=db user=app password=${s} sslmode=require"`,
  'rabbitmqctl add_user': (_, s) => `rabbitmqctl add_user app ${s}`,
  'rabbitmqctl change_password': (_, s) => `rabbitmqctl change_password app ${s}`,
  'openssl pass': (_, s) => `openssl enc -d -aes-256-cbc -in x -pass pass:${s}`,
  'openssl passin': (_, s) => `openssl rsa -in key.pem -passin pass:${s}`,
  keytool: (_, s) => `keytool -list -keystore x.jks -storepass ${s}`,
  gpg: (_, s) => `gpg --batch --passphrase ${s} -d x.gpg`,
  ldapsearch: (_, s) => `ldapsearch -x -D cn=admin,dc=x -w ${s} -b dc=x`,
  htpasswd: (_, s) => `htpasswd -bc /etc/nginx/.htpasswd ana ${s}`,
  chpasswd: (_, s) => `echo "root:${s}" | chpasswd`,
  sonar: (_, s) => `sonar-scanner -Dsonar.login=${s}`,
  'git remote': (_, s) => `git remote set-url origin https://oauth2:${s}@git.example.com/a/b.git`,
  'git clone': (_, s) => `Cloning into 'b' from https://${s}@github.com/a/b.git`,
  'pip index': (_, s) => `Looking in indexes: https://ana:${s}@pypi.example.com/simple`,
  '.npmrc': (_, s) => `//registry.npmjs.org/:_authToken=${s}`,
  '.npmrc _password': (_, s) => `//nexus.example.com/:_password=${base64(s)}`,
  '.netrc': (_, s) => `machine git.example.com login ana password ${s}`,
  '.pgpass': (_, s) => `db.example.com:5432:orders:app:${s}`,
  'postgres address': (_, s) => `postgres://app:${s}@db:5432/orders?sslmode=disable`,
  'redis address': (_, s) => `redis://:${s}@cache:6379/0`,
  'amqp address': (_, s) => `dial amqp://guest:${s}@rabbitmq.svc:5672/%2f: refused`,
  'mongodb address': (_, s) => `mongodb+srv://u:${s}@c0.x.mongodb.net/db?retryWrites=true`,
  'mysql DSN': (_, s) => `app:${s}@tcp(db:3306)/orders?parseTime=true`,
  'mongodb, several hosts': (_, s) => `mongodb://u:${s}@a:27017,b:27017/db?replicaSet=rs0`,
  'ftp address': (_, s) => `ftp://ana:${s}@files.example.com/x`,
  'http address': (_, s) => `Get "https://ana:${s}@api.example.com/v1/x": EOF`,
  'SQL create user': (_, s) => `CREATE USER app WITH PASSWORD '${s}';`,
  'SQL alter role': (_, s) => `ALTER ROLE app WITH LOGIN ENCRYPTED PASSWORD '${s}' VALID UNTIL 'infinity'`,
  'SQL identified by': (_, s) => `CREATE USER 'app'@'%' IDENTIFIED BY '${s}'`,
  'SQL identified with': (_, s) => `ALTER USER 'root'@'localhost' IDENTIFIED WITH mysql_native_password BY '${s}'`,
  'SQL set password': (_, s) => `SET PASSWORD FOR 'app'@'%' = PASSWORD('${s}')`,
  'SQL Server login': (_, s) => `CREATE LOGIN app WITH PASSWORD = N'${s}', CHECK_POLICY=OFF`,
  'log: bearer': (_, s) => `> authorization: Bearer ${s}`,
  'log: Go headers': (_, s) => `headers: map[Accept:[*/*] Authorization:[Bearer ${s}]]`,
  'log: Node headers': (_, s) => `headers: { accept: '*/*', authorization: 'Bearer ${s}' }`,
  'log: Python headers': (_, s) => `{'Accept': '*/*', 'Authorization': 'Bearer ${s}'}`,
  'log: raw headers': (_, s) => `rawHeaders: [ 'Accept', '*/*', 'Authorization', 'Bearer ${s}' ]`,
  'log: HAR header': (_, s) => `{"name":"Authorization","value":"Bearer ${s}"}`,
  'log: gRPC metadata': (_, s) => `metadata: authorization=[Bearer ${s}]`,
  'log: GenieKey': (_, s) => `Authorization: GenieKey ${s}`,
  'log: Basic': (r, s) => `authorization: Basic ${base64(`${r.text(LOWER, 6)}:${s}`)}`,
  'log: Digest': (_, s) => `Proxy-Authorization: Digest username="ana", response="${s}"`,
  cookie: (_, s) => `Cookie: theme=dark; session=${s}; lang=en`,
  'set-cookie': (_, s) => `< Set-Cookie: sid=${s}; Path=/; HttpOnly; Secure`,
  'cookie in JSON': (_, s) => `{"headers":{"cookie":"JSESSIONID=${s}; a=b"}}`,
  'query: access_token': (_, s) => `GET /cb?access_token=${encodeURIComponent(s)}&state=1 200`,
  'query: signature': (_, s) => `https://s3/x?X-Amz-Signature=${encodeURIComponent(s)}&X-Amz-Expires=60`,
  'query: sig': (_, s) => `https://acct.blob.core.windows.net/c?sv=1&sr=b&sig=${encodeURIComponent(s)}&se=2`,
  'query, encoded again': (_, s) =>
    `redirect_uri=https%3A%2F%2Fx%2Fcb%3Faccess_token%3D${encodeURIComponent(s)}%26state%3D1`,
  'docker config': (r, s) => `{"auths":{"r.io":{"auth":"${base64(`${r.text(LOWER, 5)}:${s}`)}"}}}`,
  'docker config in a Secret': (_, s) =>
    `.dockerconfigjson: ${base64(`{"auths":{"r.io":{"username":"ana","password":"${s}"}}}`)}`,
  'azure storage': (_, s) =>
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${s};EndpointSuffix=core.windows.net`,
  'azure service bus': (_, s) =>
    `Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s}`,
  'application insights': (_, s) => `curl -H "x-api-key: ${s}" https://api.applicationinsights.io/v1`,
  JAAS: (_, s) =>
    `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="${s}";`,
  'LDAP bind': (_, s) => `bindpw ${s}`,
  'first password': (_, s) =>
    `Please use the following password to proceed to installation:\n\n${s}\n\nThis may also be found at: /x`,
  'generated password': (_, s) => `GENERATED ROOT PASSWORD: ${s}`,
  'temporary password': (_, s) => `A temporary password is generated for root@localhost: ${s}`,
  'root token': (_, s) => `Initial Root Token: ${s}`,
  'unseal key': (_, s) => `Unseal Key 1: ${s}`,
  'kubeadm join': (r) =>
    `kubeadm join 10.0.0.1:6443 --token ${r.text(HEX, 6)}.${r.text(HEX, 16)} --discovery-token-ca-cert-hash sha256:${r.text(HEX, 64)}`,
  'Secret manifest': (_, s) =>
    `kind: Secret\nmetadata:\n  name: app\ntype: Opaque\ndata:\n  db: ${base64(s)}\n  other: ${base64(`x${s}`)}\n`,
  'Secret in JSON': (_, s) =>
    `{"apiVersion":"v1","data":{"db":"${base64(s)}"},"kind":"Secret","metadata":{"name":"app"}}`,
  'Secret, stringData': (_, s) => `apiVersion: v1\nkind: Secret\nstringData:\n  db: ${s}\n`,
  'last applied': (_, s) =>
    `kubectl.kubernetes.io/last-applied-configuration: ${JSON.stringify(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', stringData: { db: s } }))}`,
  'base64 of an env file': (_, s) => `payload: ${base64(`DB_HOST=db.example.com\nDB_PASSWORD=${s}\nDB_PORT=5432\n`)}`,
  'HTML-escaped JSON': (_, s) => `<pre>{&quot;password&quot;:&quot;${s}&quot;,&quot;a&quot;:1}</pre>`,
  'Go-escaped address': (_, s) => `{"url":"https://x/cb?a=1\\u0026access_token=${s}\\u0026b=2"}`,
  'coloured name': (_, s) => `\u001b[32mDB_PASS\u001b[1mWORD\u001b[0m=${s}`,
  'coloured JSON': (_, s) => `\u001b[34m"password"\u001b[0m: \u001b[32m"${s}"\u001b[0m,`,
  'colour in JSON': (_, s) => `{"log":"\\u001b[33mpassword\\u001b[0m=${s} ok\\n"}`,
  'hidden character': (_, s) => `pass\u200Bword: ${s}`,
  'after a comment for linters': (_, s) => `# secretlint-disable\npassword: ${s}`,
};

/** Every command, header and statement with a secret that it takes as it is. */
export function placed(random: Random, secret: string): Readonly<Record<string, Structure>> {
  return Object.fromEntries(
    Object.entries(PLACED).map(([kind, make]) => {
      const text = make(random, secret);
      const kubeadm = /--token (\S+)/.exec(text)?.[1];
      const secrets = kind === 'kubeadm join' && kubeadm ? [kubeadm.slice(7)] : hidden(kind, text, secret);
      return [kind, { text, secrets }];
    }),
  );
}

/** What of the text is the secret: itself, or the base64 it was put into. */
function hidden(kind: string, text: string, secret: string): readonly string[] {
  if (text.includes(secret)) return [secret];
  if (text.includes(encodeURIComponent(secret))) return [encodeURIComponent(secret)];
  const encoded = [...text.matchAll(/[A-Za-z0-9+/]{12,}={0,2}/g)]
    .map(([found]) => found)
    .filter((found) => Buffer.from(found, 'base64').toString().includes(secret));
  if (encoded.length === 0) throw new Error(`${kind}: the secret is not in its own text`);
  return encoded;
}

const KINDS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];

/** A private key in each of the writings in which logs and objects hold one; every line of it must be gone. */
export function privateKeys(random: Random): Readonly<Record<string, Structure>> {
  const key = (write: (kind: string, body: readonly string[]) => string): Structure => {
    const body = pemBody(random);
    return { text: write(random.one(KINDS), body), secrets: body };
  };
  const pem = (kind: string, body: readonly string[]) =>
    `-----BEGIN ${kind}-----\n${body.join('\n')}\n-----END ${kind}-----\n`;
  const inBase64 = (shift: string): Structure => {
    const body = pemBody(random);
    const text = base64(`${shift}${pem('RSA PRIVATE KEY', body)}`);
    return { text: `tls.key: ${text}`, secrets: [text.slice(8, 60), text.slice(-60, -8)] };
  };
  return {
    plain: key(pem),
    'in JSON': key((kind, body) => JSON.stringify({ key: pem(kind, body) })),
    'in JSON in JSON': key((kind, body) => JSON.stringify(JSON.stringify({ key: pem(kind, body) }))),
    'without its end': key((kind, body) => pem(kind, body).replace(/-----END.*/s, '')),
    'without its beginning': key((kind, body) => pem(kind, body).replace(/^-----BEGIN.*\n/, '')),
    'indented in YAML': key((kind, body) => `key: |\n${pem(kind, body).replace(/^/gm, '    ')}`),
    'behind a prefix': key((kind, body) => pem(kind, body).replace(/^/gm, 'web-7d9f6 app | ')),
    'behind time stamps': key((kind, body) =>
      pem(kind, body).replace(/^(?=.)/gm, '2026-11-26T10:00:00.123Z stdout F '),
    ),
    'on one line': key((kind, body) => pem(kind, body).replaceAll('\n', ' ')),
    'Windows lines': key((kind, body) => pem(kind, body).replaceAll('\n', '\r\n')),
    base64: inBase64(''),
    'base64, shifted by one': inBase64('x'),
    'base64, shifted by two': inBase64('xy'),
    PuTTY: key(
      (_, body) =>
        `PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: ${body.length}\n${body.join('\n')}\nPrivate-MAC: ${random.text(HEX, 64)}`,
    ),
  };
}
