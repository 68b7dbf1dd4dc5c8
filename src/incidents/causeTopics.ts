/** A kind of cause: the codes of the diagnosis that conclude it, and the words by which a runbook speaks of it. */
export interface CauseTopic {
  readonly name: string;
  /** Codes of the diagnosis; one that ends in `*` stands for all that begin so. */
  readonly codes: readonly string[];
  readonly words: RegExp;
}

/**
 * What a step of a runbook and a cause have in common. A step may speak of several kinds, and a code may belong to
 * several: `image` is what an image in general is, `image-access` a branch of it.
 */
export const CAUSE_TOPICS: readonly CauseTopic[] = [
  {
    name: 'memory',
    codes: ['oom-killed', 'build-oom-killed', 'build-child-killed', 'log-memory'],
    words: /\bOOM|out of memory|\bmemory limit|^memory\b|\bneeds? more memory|\bleaks?\b|signal: killed/i,
  },
  {
    name: 'eviction',
    codes: ['evicted', 'build-evicted', 'node-pressure', 'node-condition'],
    words: /\bevict|short of memory|(?:memory|disk|node) ?pressure/i,
  },
  {
    name: 'image',
    codes: ['image-*', 'base-image-*', 'registry-*'],
    words: /ImagePull|ErrImage|InvalidImageName|\bimages?\b/i,
  },
  {
    name: 'image-absent',
    codes: [
      'image-not-found',
      'image-digest',
      'image-name-invalid',
      'base-image-missing',
      'registry-repository-missing',
    ],
    words:
      /manifest.unknown|missing tag|\btag\b.*\b(?:not exist|gone)|base image|image (?:is )?missing|wrong (?:image|tag)/i,
  },
  {
    name: 'image-access',
    codes: ['image-unauthorized', 'image-pull-secret-missing', 'base-image-refused', 'registry-unauthorized'],
    words: /pull secret|UNAUTHORIZED|registry credential|^`?401|^credential/i,
  },
  {
    name: 'registry-limit',
    codes: ['image-rate-limited', 'registry-throttled'],
    words: /too ?many ?requests.*registry|toomanyrequests|public registry/i,
  },
  {
    name: 'registry-down',
    codes: ['image-network', 'image-registry-failing', 'registry-unreachable', 'registry-certificate'],
    words: /registry.*\b(?:down|slow)|the way to (?:it|the registry)|\bx509\b/i,
  },
  {
    name: 'configuration',
    codes: [
      'config-*',
      'log-config-*',
      'container-config',
      'command-not-found',
      'handler-not-loaded',
      'log-file-missing',
    ],
    words: /\bconfig(?:uration|map)?\b|missing secret|Secret or ConfigMap|environment variable/i,
  },
  {
    name: 'room',
    codes: ['unschedulable*', 'node-full', 'daemonset-no-node', 'pod-preempted'],
    words: /\bInsufficient|\btaint|Unschedulable|FailedScheduling|\bno room\b|\bPending\b|affinity|\bcordon/i,
  },
  {
    name: 'volume',
    codes: ['claim-*', 'volume-*', 'unschedulable-volume'],
    words: /FailedMount|FailedAttach|Multi-Attach|\bvolumes?\b|\bPVC\b|PersistentVolume/i,
  },
  {
    name: 'disk',
    codes: ['disk-full', 'log-disk-full', 'image-no-space'],
    words: /no space left|disk (?:is )?full|^disk\b/i,
  },
  { name: 'quota', codes: ['quota-*', 'limit-range-refused'], words: /\bquota/i },
  { name: 'webhook', codes: ['webhook-*'], words: /\bwebhook/i },
  {
    name: 'api-server',
    codes: ['api-slow', 'controller-manager-down', 'lease-stale'],
    words: /API server|leader election|context deadline exceeded|client rate limiter|renew lease|\betcd\b/i,
  },
  {
    name: 'code',
    codes: [
      'log-panic',
      'log-module-missing',
      'log-syntax',
      'log-library-missing',
      'version-fails',
      'build-step-failed',
      'ended-early',
      'function-errors',
    ],
    words: /\bpanic|\bmodule\b|dependenc(?:y|ies)|exit status 1|\bthe code\b|owner's code|stack trace|exception/i,
  },
  {
    name: 'probe',
    codes: ['readiness-*', 'liveness-failed', 'startup-failed'],
    words: /\bprobes?\b|\breadiness\b|\bliveness\b/i,
  },
  {
    name: 'permission',
    codes: ['log-forbidden', 'create-refused', 'service-account-missing', 'pod-security-refused', 'log-permission'],
    words: /\bforbidden\b|\brole\b|RoleBinding|service ?account|PodSecurity|permission/i,
  },
  { name: 'broker', codes: ['broker-not-ready', 'log-broker'], words: /RabbitMQ|ACCESS_REFUSED|\bbroker\b/i },
  {
    name: 'storage',
    codes: ['storage-*', 'bucket-missing', 'source-*'],
    words: /\bstorage\b|\bbucket\b|specified key|source (?:is|was)\b/i,
  },
  { name: 'gateway', codes: ['gateway-down', 'route-failed', 'load-balancer-failed'], words: /\bgateway\b/i },
  { name: 'activator', codes: ['activator-down'], words: /\bactivator\b/i },
  { name: 'autoscaler', codes: ['autoscaler-down', 'hpa-*'], words: /\bautoscaler\b|max-scale|at the maximum/i },
  {
    name: 'names',
    codes: ['log-dns', 'cluster-dns-down', 'host-unknown', 'pod-dns-policy'],
    words: /no such host|\bDNS\b/,
  },
  {
    name: 'dependency',
    codes: [
      'dependency-*',
      'log-refused',
      'log-unreachable',
      'log-timeout',
      'log-database*',
      'network-policy-denies',
      'log-upstream',
    ],
    words: /connection refused|i\/o timeout|cannot reach|does not answer|\bdatabase\b/i,
  },
  { name: 'deadline', codes: ['build-deadline', 'job-deadline'], words: /DeadlineExceeded/ },
  { name: 'throttling', codes: ['cpu-limit', 'node-cpu-full'], words: /throttl/i },
  {
    name: 'certificate',
    codes: ['certificate-*', 'log-certificate', 'registry-certificate'],
    words: /certificate|\bx509\b/i,
  },
  {
    name: 'nodes',
    codes: ['node-*'],
    words: /\bnodes?\b (?:is |are )?(?:NotReady|down|gone)|\bdead node|that node\b/i,
  },
];

/** Names of the kinds a code of the diagnosis belongs to; none when no runbook speaks of it in a way of its own. */
export function topicsOfCode(code: string): readonly string[] {
  const isMeant = (row: string): boolean => (row.endsWith('*') ? code.startsWith(row.slice(0, -1)) : code === row);
  return CAUSE_TOPICS.filter(({ codes }) => codes.some(isMeant)).map(({ name }) => name);
}

/** Names of the kinds a text of a runbook speaks of. */
export function topicsOfText(text: string): readonly string[] {
  const plain = text.replaceAll('`', '');
  return CAUSE_TOPICS.filter(({ words }) => words.test(plain)).map(({ name }) => name);
}
