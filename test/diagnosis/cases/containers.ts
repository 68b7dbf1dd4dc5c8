import { sick } from '../story.ts';
import { crashLooping, podNotReady } from '../world/alerts.ts';
import { crashLoops, restarted, setContainer } from '../world/ills.ts';
import { setNode } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { configFails, creating, initHolds } from '../world/starting.ts';
import { daemonSet, deployment } from '../world/workloads.ts';

const LIFECYCLE = 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/';
const RUNC =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed:';

/** Containers that cannot be started, or end by what they are. */
export const CONTAINERS = [
  sick('image-runs-as-root-and-must-not', {
    source: 'k8s.io/kubernetes pkg/kubelet/kuberuntime/security_context_others.go',
    about: ['Deployment/old-cms'],
    says: [/root/i],
    confirmed: true,
    tell({ world }) {
      const cms = deployment(world, 'old-cms', {
        replicas: 1,
        age: '10m',
        spec: { securityContext: { runAsNonRoot: true } },
      });
      const pod = first(cms.pods);
      const message = `container has runAsNonRoot and image will run as root (pod: "${pod.metadata.name}_shop(${pod.metadata.uid})", container: old-cms)`;
      configFails(world, pod, message);
      podNotReady(world, pod);
      return 'old-cms does not run with the new defaults.';
    },
  }),
  sick('sandbox-gets-no-address', {
    source: 'k8s.io/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go',
    about: ['DaemonSet/probe', 'Node/node-b'],
    says: [/sandbox|network|cni|address(es)?|\bip\b/i],
    confirmed: true,
    tell({ world, nodes }) {
      const probe = daemonSet(world, 'probe', { age: '30m' });
      const pod = probe.pods.find(({ spec }) => spec.nodeName === 'node-b');
      if (pod === undefined) throw new Error('a pod on each node');
      setNode(world, nth(nodes, 1), 'NetworkUnavailable', 'False', {
        reason: 'CalicoIsUp',
        message: 'Calico is running on this node',
        since: '20d',
      });
      creating(world, pod, [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "5f0c": plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.254',
          count: 110,
        },
      ]);
      podNotReady(world, pod);
      return 'Pods on node-b stay in ContainerCreating.';
    },
  }),
  sick('command-is-not-in-the-image', {
    source: LIFECYCLE,
    about: ['Deployment/cron-runner'],
    says: [/not found|no such|does not exist|missing/i, /supercronic/],
    confirmed: true,
    tell({ world }) {
      const runner = deployment(world, 'cron-runner', {
        replicas: 1,
        age: '12m',
        command: ['supercronic', '/etc/crontab'],
      });
      const pod = first(runner.pods);
      const message = `${RUNC} unable to start container process: error during container init: exec: "supercronic": executable file not found in $PATH`;
      crashLoops(world, pod, { exitCode: 128, reason: 'StartError', message, restarts: 7, since: '11m', lived: '0s' });
      world.warn(pod, 'Failed', `Error: ${message}`, { source: 'kubelet', first: '11m', last: '90s', count: 7 });
      crashLooping(world, pod);
      return 'cron-runner does not start.';
    },
  }),
  sick('entry-point-is-not-executable', {
    source: LIFECYCLE,
    about: ['Deployment/hooks'],
    says: [/permission|not executable|denied/i, /entrypoint\.sh/],
    confirmed: true,
    tell({ world }) {
      const hooks = deployment(world, 'hooks', { replicas: 1, age: '9m', command: ['/app/entrypoint.sh'] });
      const pod = first(hooks.pods);
      const message = `${RUNC} unable to start container process: error during container init: exec: "/app/entrypoint.sh": permission denied`;
      crashLoops(world, pod, { exitCode: 128, reason: 'StartError', message, restarts: 6, since: '8m', lived: '0s' });
      world.warn(pod, 'Failed', `Error: ${message}`, { source: 'kubelet', first: '8m', last: '90s', count: 6 });
      crashLooping(world, pod);
      return 'hooks does not start since the new image.';
    },
  }),
  sick('binary-is-of-another-architecture', {
    source: 'https://man7.org/linux/man-pages/man2/execve.2.html',
    about: ['Deployment/geoip'],
    says: [/exec format|architecture/i],
    tell({ world }) {
      const geoip = deployment(world, 'geoip', { replicas: 1, age: '14m' });
      const pod = first(geoip.pods);
      const log = ['exec /usr/local/bin/geoip: exec format error'];
      crashLoops(world, pod, { exitCode: 255, restarts: 7, since: '13m', lived: '0s', log });
      crashLooping(world, pod);
      return 'geoip crashes.';
    },
  }),
  sick('main-program-ends-with-0-and-is-started-again', {
    source: `${LIFECYCLE}#restart-policy`,
    about: ['Deployment/one-shot'],
    says: [/exit(s|ed)?|end(s|ed)?|finish|complete/i, /\b0\b|success|complete|finish/i],
    tell({ world }) {
      const shot = deployment(world, 'one-shot', {
        replicas: 1,
        age: '18m',
        command: ['/bin/sh', '-c', '/app/import-once'],
      });
      const log = ['importing 212 rows', 'done'];
      crashLoops(world, first(shot.pods), { exitCode: 0, restarts: 8, since: '17m', lived: '3s', log });
      crashLooping(world, first(shot.pods));
      return 'one-shot is in CrashLoopBackOff.';
    },
  }),
  sick('program-dies-of-a-segmentation-fault', {
    source: 'https://man7.org/linux/man-pages/man7/signal.7.html',
    about: ['Deployment/codec'],
    says: [/segmentation|segfault|SIGSEGV|signal 11|139/i],
    tell({ world }) {
      const codec = deployment(world, 'codec', { replicas: 2, age: '2d', ports: [8080] });
      const log = ['decoding stream 8821 (h265)', 'Segmentation fault (core dumped)'];
      crashLoops(world, first(codec.pods), { exitCode: 139, restarts: 5, since: '20m', lived: '40s', log });
      crashLooping(world, first(codec.pods));
      return 'codec crashes on some streams.';
    },
  }),
  sick('init-container-fails-again-and-again', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/',
    about: ['Deployment/accounts'],
    says: [/init/i, /migrate|migration|relation|column/i],
    tell({ world }) {
      const init = [{ name: 'migrate', image: 'registry.example.com/shop/accounts-migrate:41' }];
      const accounts = deployment(world, 'accounts', { replicas: 1, init, age: '15m' });
      const pod = first(accounts.pods);
      const log = [
        'applying 0041_add_currency.sql',
        'ERROR: column "currency" of relation "accounts" already exists (SQLSTATE 42701)',
        'migration failed: 0041_add_currency.sql',
      ];
      const finishedAt = world.ago('2m');
      const terminated = { exitCode: 1, reason: 'Error', startedAt: world.ago('123s'), finishedAt };
      const message = `back-off 5m0s restarting failed container=migrate pod=${pod.metadata.name}_shop(${pod.metadata.uid})`;
      initHolds(world, pod, 'migrate', {
        state: { waiting: { reason: 'CrashLoopBackOff', message } },
        lastState: { terminated },
        restarts: 7,
      });
      world.log(pod, 'migrate', log, { endedAgo: '2m' });
      world.log(pod, 'migrate', log, { endedAgo: '2m', previous: true });
      const backOff = `Back-off restarting failed container migrate in pod ${pod.metadata.name}_shop(${pod.metadata.uid})`;
      world.warn(pod, 'BackOff', backOff, { source: 'kubelet', first: '14m', last: '10s', count: 60 });
      podNotReady(world, pod);
      return 'accounts hangs in Init:CrashLoopBackOff.';
    },
  }),
  sick('init-container-waits-for-a-service-that-never-answers', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#examples',
    about: ['Deployment/portal'],
    says: [/init/i, /config-server/],
    tell({ world }) {
      const command = [
        'sh',
        '-c',
        'until nslookup config-server.shop.svc.cluster.local; do echo waiting for config-server; sleep 2; done',
      ];
      const init = [{ name: 'wait-for-config', image: 'busybox:1.37', command }];
      const portal = deployment(world, 'portal', { replicas: 1, init, age: '26m' });
      const pod = first(portal.pods);
      initHolds(world, pod, 'wait-for-config', { state: { running: { startedAt: world.ago('26m') } } });
      world.log(pod, 'wait-for-config', [
        "** server can't find config-server.shop.svc.cluster.local: NXDOMAIN",
        'waiting for config-server',
        "** server can't find config-server.shop.svc.cluster.local: NXDOMAIN",
        'waiting for config-server',
      ]);
      podNotReady(world, pod);
      return 'portal stays in Init:0/1.';
    },
  }),
  sick('post-start-hook-fails', {
    source: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/',
    about: ['Deployment/warm-cache'],
    says: [/post-?start|hook/i],
    confirmed: true,
    tell({ world }) {
      const lifecycle = { postStart: { exec: { command: ['/bin/warm', '--strict'] } } };
      const cache = deployment(world, 'warm-cache', { replicas: 1, age: '10m', lifecycle });
      const pod = first(cache.pods);
      crashLoops(world, pod, { exitCode: 137, restarts: 6, since: '9m', lived: '1s' });
      const told = { source: 'kubelet', first: '9m', last: '90s', count: 6 };
      world.warn(pod, 'FailedPostStartHook', 'PostStartHook failed', told);
      world.note(pod, 'Killing', 'FailedPostStartHook', told);
      crashLooping(world, pod);
      return 'warm-cache is killed right after it starts.';
    },
  }),
  sick('sidecar-crashes-and-the-program-is-well', {
    source: `${LIFECYCLE}#container-states`,
    about: ['Deployment/orders-api'],
    says: [/log-agent/],
    tell({ world }) {
      const sidecars = [{ name: 'log-agent', image: 'registry.example.com/platform/log-agent:3.2' }];
      const orders = deployment(world, 'orders-api', { replicas: 1, ports: [8080], sidecars, age: '3d' });
      const pod = first(orders.pods);
      const log = [
        '[error] [config] section \'output\' has no "host" property',
        '[error] configuration file contains errors, aborting.',
      ];
      crashLoops(world, pod, { container: 'log-agent', exitCode: 1, restarts: 9, since: '26m', log });
      setContainer(world, pod, 'orders-api', { ready: true, started: true }, { since: '26m' });
      crashLooping(world, pod, '5m', 'log-agent');
      return 'orders-api is 1/2 ready.';
    },
  }),
  sick('configuration-file-is-missing-at-start', {
    source: LIFECYCLE,
    about: ['Deployment/collector'],
    says: [/\/etc\/collector\/config\.yaml/],
    tell({ world }) {
      const collector = deployment(world, 'collector', {
        replicas: 1,
        age: '11m',
        args: ['--config=/etc/collector/config.yaml'],
      });
      const log = [
        'Error: failed to get config: cannot resolve the configuration: open /etc/collector/config.yaml: no such file or directory',
      ];
      crashLoops(world, first(collector.pods), { exitCode: 1, restarts: 6, since: '10m', log });
      crashLooping(world, first(collector.pods));
      return 'The collector does not start.';
    },
  }),
  sick('environment-variable-is-required-and-not-set', {
    source: LIFECYCLE,
    about: ['Deployment/notifier'],
    says: [/SMTP_HOST/],
    tell({ world }) {
      const notifier = deployment(world, 'notifier', { replicas: 1, age: '13m' });
      const log = ['fatal: required environment variable SMTP_HOST is not set'];
      crashLoops(world, first(notifier.pods), { exitCode: 1, restarts: 7, since: '12m', log });
      crashLooping(world, first(notifier.pods));
      return 'The notifier crashes.';
    },
  }),
  sick('container-crashed-once-ago-and-crashes-now', {
    source: LIFECYCLE,
    about: ['Deployment/pricing'],
    says: [/division|divide|ZeroDivision/i],
    tell({ world }) {
      const pricing = deployment(world, 'pricing', { replicas: 2, ports: [8080] });
      const log = [
        'Traceback (most recent call last):',
        '  File "/app/main.py", line 88, in <module>',
        '    rates = load_rates(path)',
        '  File "/app/rates.py", line 31, in load_rates',
        '    return [total / count for total, count in rows]',
        'ZeroDivisionError: division by zero',
      ];
      crashLoops(world, first(pricing.pods), { exitCode: 1, restarts: 6, since: '8m', log });
      restarted(world, nth(pricing.pods, 1), { exitCode: 1, restarts: 1, since: '12d', ended: '12d' });
      crashLooping(world, first(pricing.pods));
      return 'Prices are stale.';
    },
  }),
];
