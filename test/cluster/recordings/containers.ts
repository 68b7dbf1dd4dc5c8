import { happen, say, setPod, terminated } from '../player.ts';
import { CRASHES, crash, crashes, LONG_AGO, NOT_READY, type Recorded, sick, waits, workload } from './recorded.ts';

/** Crashes that their own last lines explain, each in the words of its runtime or server. */
export const LOGGED: readonly Recorded[] = [
  crash(
    'log-module',
    [
      'node:internal/modules/cjs/loader:1228',
      '  throw err;',
      '  ^',
      '',
      "Error: Cannot find module 'pg-promise'",
      'Require stack:',
      '- /app/server.js',
    ],
    [/pg-promise/],
  ),
  crash(
    'log-environment',
    [
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 7, in <module>',
      "    url = os.environ['LEDGER_URL']",
      "KeyError: 'LEDGER_URL'",
    ],
    [/LEDGER_URL/],
  ),
  crash(
    'log-port',
    [
      'Error: listen EADDRINUSE: address already in use :::8443',
      '    at Server.setupListenHandle [as _listen2] (node:net:1817:16)',
    ],
    [/8443/],
  ),
  crash(
    'log-permission',
    ['level=info msg="opening index"', 'level=fatal msg="open /var/lib/orders/index: permission denied"'],
    [/\/var\/lib\/orders/],
  ),
  crash(
    'log-disk',
    ['panic: write /var/lib/orders/wal/000017: no space left on device', '', 'goroutine 1 [running]:'],
    [/space|disk/i],
    2,
  ),
  crash(
    'log-authentication',
    ['2026/11/30 09:12:01 connecting to ledger', 'FATAL: password authentication failed for user "orders_rw"'],
    [/orders_rw|password/],
  ),
  crash(
    'log-certificate',
    [
      'fetching keys',
      'error: Get "https://keys.example/jwks": tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    ],
    [/certificate/i, /expired/i],
  ),
  crash(
    'log-caused-by',
    [
      "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'ledgerClient'",
      '\tat org.springframework.beans.factory.support.AbstractBeanFactory.getBean(AbstractBeanFactory.java:208)',
      'Caused by: com.acme.ledger.LedgerException: cannot reach the ledger',
      '\tat com.acme.ledger.Client.open(Client.java:41)',
      'Caused by: java.net.UnknownHostException: ledger.internal.acme',
      '\tat java.base/java.net.InetAddress.getAllByName(InetAddress.java:801)',
    ],
    [/ledger\.internal\.acme/],
  ),
  crash(
    'log-config-file',
    [
      '{"level":"fatal","msg":"reading configuration","error":"open /etc/orders/orders.yaml: no such file or directory"}',
    ],
    [/\/etc\/orders\/orders\.yaml/],
  ),
  crash(
    'log-exec-format',
    ['exec /usr/local/bin/orders: exec format error'],
    [/exec format|architecture|platform/i],
    255,
  ),
  crash('log-flag', ['unknown flag: --max-conections', 'Usage:', '  orders serve [flags]'], [/--max-conections/], 2),
  crash(
    'log-schema',
    ['ERROR:  relation "order_lines" does not exist at character 15', 'STATEMENT:  select * from order_lines'],
    [/order_lines/],
  ),
  crash(
    'log-broker',
    [
      '%3|1764499.1|FAIL|rdkafka#consumer-1| kafka-0.brokers:9092/bootstrap: Connect to ipv4#10.96.4.4:9092 failed: Connection refused',
      'KafkaError{code=_ALL_BROKERS_DOWN,val=-187,str="1/1 brokers are down"}',
    ],
    [/kafka|broker/i],
  ),
  crash('log-timeout', ['ping redis', 'Error: dial tcp 10.96.12.9:6379: i/o timeout'], [/6379/]),
];

/** Containers that end, or never start, by what the kubelet says of them. */
export const CONTAINERS: readonly Recorded[] = [
  {
    name: 'memory-limit',
    async happens(place) {
      const container = { resources: { limits: { memory: '96Mi' } } };
      const pod = await workload(place, { namespace: 'memory-limit', name: 'thumbs', container });
      await crashes(place, pod, ['decoding 9000x9000'], { exit: 137, reason: 'OOMKilled' });
    },
    alert: CRASHES,
    truth: sick(['Deployment/thumbs'], /memory|OOM/i, /96Mi/),
  },
  {
    name: 'command-missing',
    async happens(place) {
      const pod = await workload(place, {
        namespace: 'command-missing',
        name: 'mailer',
        container: { command: ['/srv/mailer'] },
      });
      const why =
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/srv/mailer": stat /srv/mailer: no such file or directory: unknown';
      const lastState = { terminated: { ...terminated(128, 'StartError').terminated, message: why } };
      await setPod(place, pod, {
        startedAt: Date.now() - LONG_AGO,
        containers: {
          main: {
            ready: false,
            restartCount: 6,
            state: { waiting: { reason: 'RunContainerError', message: why } },
            lastState,
          },
        },
      });
      await happen(place, pod, { reason: 'Failed', message: `Error: ${why}`, count: 7, firstAgo: 700 });
    },
    alert: NOT_READY,
    truth: sick(['Deployment/mailer'], /\/srv\/mailer/),
  },
  {
    name: 'init-fails',
    async happens(place) {
      const init = { initContainers: [{ name: 'migrate', image: 'registry.example/migrate:4' }] };
      const pod = await workload(place, { namespace: 'init-fails', name: 'billing', pod: init });
      await crashes(place, pod, ['applying 0042', 'ERROR: column "vat" of relation "bills" already exists'], {
        container: 'migrate',
        init: true,
      });
    },
    alert: NOT_READY,
    truth: sick(['Deployment/billing'], /migrate/, /vat|already exists/),
  },
  {
    name: 'sidecar-crashes',
    async happens(place) {
      const sidecar = {
        containers: [
          { name: 'main', image: 'registry.example/site:3' },
          { name: 'proxy', image: 'registry.example/proxy:9' },
        ],
      };
      const pod = await workload(place, { namespace: 'sidecar-crashes', name: 'site', pod: sidecar });
      await crashes(
        place,
        pod,
        ['error initializing configuration: unable to parse "listeners": unexpected key "adress"'],
        { container: 'proxy' },
      );
    },
    alert: { ...CRASHES, container: 'proxy' },
    truth: sick(['Deployment/site'], /proxy/, /adress/),
  },
  {
    name: 'config-map-missing',
    async happens(place) {
      const container = { envFrom: [{ configMapRef: { name: 'routes-v2' } }] };
      const pod = await workload(place, { namespace: 'config-map-missing', name: 'router', container });
      const why = 'configmap "routes-v2" not found';
      await waits(place, pod, 'CreateContainerConfigError', why, [{ reason: 'Failed', message: `Error: ${why}` }]);
    },
    alert: NOT_READY,
    truth: sick(['Deployment/router', 'ConfigMap/routes-v2'], /routes-v2/),
  },
  {
    name: 'key-missing',
    async happens(place) {
      const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'gateway', key: 'api-token' } } }];
      const pod = await workload(place, { namespace: 'key-missing', name: 'gateway', container: { env } });
      const why = "couldn't find key api-token in Secret key-missing/gateway";
      await waits(place, pod, 'CreateContainerConfigError', why, [{ reason: 'Failed', message: `Error: ${why}` }]);
    },
    alert: NOT_READY,
    truth: sick(['Deployment/gateway', 'Secret/gateway'], /api-token/),
  },
  {
    name: 'secret-volume-missing',
    async happens(place) {
      const volumes = { volumes: [{ name: 'certs', secret: { secretName: 'edge-tls' } }] };
      const pod = await workload(place, { namespace: 'secret-volume-missing', name: 'edge', pod: volumes });
      await waits(place, pod, 'ContainerCreating', '', [
        { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "certs" : secret "edge-tls" not found' },
      ]);
    },
    alert: NOT_READY,
    truth: sick(['Deployment/edge', 'Secret/edge-tls'], /edge-tls/),
  },
  {
    name: 'sandbox-fails',
    async happens(place) {
      const pod = await workload(place, { namespace: 'sandbox-fails', name: 'chat' });
      await waits(place, pod, 'ContainerCreating', '', [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "6f1": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized',
        },
      ]);
    },
    alert: NOT_READY,
    truth: sick(['Deployment/chat'], /network|sandbox|CNI|calico/i),
  },
];

const image = (
  name: string,
  reference: string,
  why: string,
  says: readonly RegExp[],
  reason = 'ImagePullBackOff',
): Recorded => ({
  name,
  async happens(place) {
    const pod = await workload(place, { namespace: name, name: 'cart', image: reference });
    const message = reason === 'ImagePullBackOff' ? `Back-off pulling image "${reference}": ErrImagePull: ${why}` : why;
    await waits(place, pod, reason, message, [
      {
        reason: reason === 'InvalidImageName' ? 'InspectFailed' : 'Failed',
        message: reason === 'ImagePullBackOff' ? `Failed to pull image "${reference}": ${why}` : why,
      },
    ]);
  },
  alert: NOT_READY,
  truth: sick(['Deployment/cart'], ...says),
});
const failed = (reference: string) =>
  `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}"`;

export const IMAGES: readonly Recorded[] = [
  image(
    'image-absent',
    'registry.example/shop/cart:7.1',
    `rpc error: code = NotFound desc = ${failed('registry.example/shop/cart:7.1')}: registry.example/shop/cart:7.1: not found`,
    [/cart:7\.1/, /not found|does not exist|no such/i],
  ),
  image(
    'image-refused',
    'registry.example/private/cart:1',
    `${failed('registry.example/private/cart:1')}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    [/private\/cart|authoriz|credential|access|refuse/i],
  ),
  image(
    'image-registry-unknown',
    'regsitry.example/cart:1',
    `${failed('regsitry.example/cart:1')}: failed to do request: Head "https://regsitry.example/v2/cart/manifests/1": dial tcp: lookup regsitry.example on 10.96.0.10:53: no such host`,
    [/regsitry\.example/],
  ),
  image(
    'image-rate-limited',
    'docker.io/library/cart:1',
    `${failed('docker.io/library/cart:1')}: unexpected status from HEAD request: 429 Too Many Requests - toomanyrequests: You have reached your unauthenticated pull rate limit`,
    [/rate|too many|429/i],
  ),
  image(
    'image-name-invalid',
    'registry.example/Cart:1',
    'Failed to apply default image tag "registry.example/Cart:1": couldn\'t parse image name "registry.example/Cart:1": invalid reference format: repository name (library/Cart) must be lowercase',
    [/Cart:1/],
    'InvalidImageName',
  ),
];

/** Probes that fail while the process runs. */
export const PROBES: readonly Recorded[] = [
  {
    name: 'readiness-port',
    async happens(place) {
      const container = { ports: [{ containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 9191 } } };
      const pod = await workload(place, { namespace: 'readiness-port', name: 'search', container });
      await say(place, pod, ['listening on :8080']);
      await setPod(place, pod, { startedAt: Date.now() - LONG_AGO, containers: { main: { ready: false } } });
      await happen(place, pod, {
        reason: 'Unhealthy',
        message: 'Readiness probe failed: dial tcp 10.244.1.9:9191: connect: connection refused',
        count: 80,
        firstAgo: 850,
      });
    },
    alert: NOT_READY,
    truth: sick(['Deployment/search'], /readiness/i, /9191/),
  },
  {
    name: 'readiness-status',
    async happens(place) {
      const container = {
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
      };
      const pod = await workload(place, { namespace: 'readiness-status', name: 'search', container });
      await say(place, pod, ['listening on :8080', 'GET /ready 503 warming up: 0 of 12 shards loaded']);
      await setPod(place, pod, { startedAt: Date.now() - LONG_AGO, containers: { main: { ready: false } } });
      await happen(place, pod, {
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
        count: 80,
        firstAgo: 850,
      });
    },
    alert: NOT_READY,
    truth: sick(['Deployment/search'], /readiness|503|ready/i),
  },
  {
    name: 'liveness-kills',
    async happens(place) {
      const container = {
        ports: [{ containerPort: 8080 }],
        livenessProbe: { httpGet: { path: '/healhtz', port: 8080 } },
      };
      const pod = await workload(place, { namespace: 'liveness-kills', name: 'search', container });
      await crashes(place, pod, ['listening on :8080', 'GET /healhtz 404', 'received SIGTERM, bye'], {
        exit: 0,
        reason: 'Completed',
        ran: 40,
      });
      await happen(place, pod, {
        reason: 'Unhealthy',
        message: 'Liveness probe failed: HTTP probe failed with statuscode: 404',
        count: 24,
        firstAgo: 850,
      });
      await happen(place, pod, {
        type: 'Normal',
        reason: 'Killing',
        message: 'Container main failed liveness probe, will be restarted',
        count: 7,
        firstAgo: 800,
      });
    },
    alert: CRASHES,
    truth: sick(['Deployment/search'], /liveness/i, /404|healhtz/),
  },
  {
    name: 'startup-slow',
    async happens(place) {
      const container = {
        ports: [{ containerPort: 8080 }],
        startupProbe: { httpGet: { path: '/up', port: 8080 }, periodSeconds: 2, failureThreshold: 3 },
      };
      const pod = await workload(place, { namespace: 'startup-slow', name: 'search', container });
      await crashes(place, pod, ['loading model, about 90 s'], { exit: 137, ran: 7 });
      await happen(place, pod, {
        reason: 'Unhealthy',
        message:
          'Startup probe failed: Get "http://10.244.1.9:8080/up": dial tcp 10.244.1.9:8080: connect: connection refused',
        count: 21,
        firstAgo: 850,
      });
      await happen(place, pod, {
        type: 'Normal',
        reason: 'Killing',
        message: 'Container main failed startup probe, will be restarted',
        count: 7,
        firstAgo: 800,
      });
    },
    alert: CRASHES,
    truth: sick(['Deployment/search'], /startup/i),
  },
];
