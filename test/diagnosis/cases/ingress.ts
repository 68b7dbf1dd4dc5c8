import { sick, undecidable } from '../story.ts';
import { usersSee } from '../world/alerts.ts';
import { ingress, ingressClass, networkPolicy, service } from '../world/network.ts';
import { type Deployed, deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const POLICY = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';

/** A front whose log tells what it could not reach. */
function front(
  world: World,
  name: string,
  lines: readonly string[],
  env: { name: string; value: string }[] = [],
): Deployed {
  const made = deployment(world, name, { replicas: 2, ports: [8080], env });
  for (const pod of made.pods) world.log(pod, name, lines);
  return made;
}

const broken = (world: World, what: string) =>
  usersSee(world, 'HighErrorRate', `More than 5 % of requests to ${what} fail.`);

/** Ingresses and policies that keep callers out. */
export const INGRESS = [
  sick('ingress-names-a-class-that-nobody-serves', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
    silent: true,
    about: ['Ingress/shop', 'IngressClass/nginx-internal'],
    says: [/class/i, /nginx-internal/],
    confirmed: true,
    tell({ world }) {
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'shop', {
        className: 'nginx-internal',
        host: 'shop.example.com',
        backend: { service: 'web', port: 80 },
        address: null,
      });
      usersSee(world, 'ProbeFailure', 'https://shop.example.com does not answer.', '5m', {
        instance: 'https://shop.example.com',
      });
      return 'shop.example.com answers 404 since the move.';
    },
  }),
  sick('ingress-leads-to-a-service-that-is-not-there', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#resource-backend',
    silent: true,
    about: ['Ingress/shop', 'Service/web-frontend'],
    says: [/web-frontend/, /not (there|exist|found)|does not exist|no such|missing|no service/i],
    confirmed: true,
    tell({ world }) {
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'shop', {
        className: 'nginx',
        host: 'shop.example.com',
        backend: { service: 'web-frontend', port: 80 },
      });
      usersSee(world, 'ProbeFailure', 'https://shop.example.com answers 503.', '5m', {
        instance: 'https://shop.example.com',
      });
      return 'shop.example.com answers 503.';
    },
  }),
  sick('ingress-leads-to-a-port-the-service-lacks', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource',
    silent: true,
    about: ['Ingress/shop', 'Service/web'],
    says: [/port/i, /8080/],
    confirmed: true,
    tell({ world }) {
      ingressClass(world, 'nginx', 'k8s.io/ingress-nginx');
      ingress(world, 'shop', { className: 'nginx', host: 'shop.example.com', backend: { service: 'web', port: 8080 } });
      usersSee(world, 'ProbeFailure', 'https://shop.example.com answers 503.', '5m', {
        instance: 'https://shop.example.com',
      });
      return 'shop.example.com answers 503.';
    },
  }),
  sick('network-policy-denies-all-ingress', {
    source: `${POLICY}#default-deny-all-ingress-traffic`,
    silent: true,
    about: ['NetworkPolicy/default-deny', 'Deployment/vouchers', 'Service/vouchers'],
    says: [/polic/i, /default-deny/],
    tell({ world }) {
      deployment(world, 'vouchers', { replicas: 2, ports: [8080] });
      const at = service(world, 'vouchers');
      networkPolicy(world, 'default-deny', { podSelector: {}, policyTypes: ['Ingress'] }, { age: '12m' });
      front(world, 'shopfront', [
        `vouchers: Post "http://vouchers.shop/redeem": dial tcp ${at.spec.clusterIP}:80: i/o timeout`,
      ]);
      broken(world, 'vouchers');
      return 'Vouchers time out.';
    },
  }),
  undecidable('network-policy-opens-the-port-by-its-name', {
    source: `${POLICY}#networkpolicy-resource`,
    silent: true,
    about: ['Deployment/vouchers', 'Service/vouchers'],
    never: [/denies|allows no such/],
    tell({ world }) {
      const { pods } = deployment(world, 'vouchers', { replicas: 2, ports: [8080] });
      for (const { spec } of pods)
        for (const { ports } of spec.containers) for (const port of ports ?? []) port.name = 'http';
      const at = service(world, 'vouchers');
      const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 'http' }] }] };
      networkPolicy(world, 'http-only', spec, { age: '12m' });
      front(world, 'shopfront', [
        `vouchers: Post "http://vouchers.shop/redeem": dial tcp ${at.spec.clusterIP}:80: i/o timeout`,
      ]);
      broken(world, 'vouchers');
      return 'Vouchers time out.';
    },
  }),
  sick('network-policy-lets-another-namespace-in-only', {
    source: `${POLICY}#networkpolicy-resource`,
    silent: true,
    about: ['NetworkPolicy/db-access', 'Deployment/customer-db', 'Service/customer-db', 'Deployment/crm'],
    says: [/polic/i, /db-access/],
    tell({ world }) {
      deployment(world, 'customer-db', { replicas: 1, ports: [5432] });
      const at = service(world, 'customer-db', { ports: [{ port: 5432, targetPort: 5432 }] });
      networkPolicy(
        world,
        'db-access',
        {
          podSelector: { matchLabels: { app: 'customer-db' } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { role: 'db-client' } } }],
              ports: [{ port: 5432, protocol: 'TCP' }],
            },
          ],
        },
        { age: '20m' },
      );
      front(world, 'crm', [
        `psycopg2.OperationalError: connection to server at "customer-db" (${at.spec.clusterIP}), port 5432 failed: Connection timed out`,
      ]);
      broken(world, 'the CRM');
      return 'The CRM cannot read customers.';
    },
  }),
  sick('network-policy-denies-name-resolution', {
    source: `${POLICY}#default-deny-all-egress-traffic`,
    silent: true,
    about: ['NetworkPolicy/deny-egress', 'Deployment/exporter-x'],
    says: [/polic/i, /dns|egress|53|resolve|name/i],
    tell({ world }) {
      networkPolicy(
        world,
        'deny-egress',
        { podSelector: { matchLabels: { app: 'exporter-x' } }, policyTypes: ['Egress'] },
        { age: '15m' },
      );
      front(world, 'exporter-x', [
        'lookup ledger.shop.svc.cluster.local on 10.96.0.10:53: read udp 10.244.1.30:40112->10.96.0.10:53: i/o timeout',
        'lookup ledger.shop.svc.cluster.local on 10.96.0.10:53: read udp 10.244.1.30:51188->10.96.0.10:53: i/o timeout',
      ]);
      broken(world, 'the exporter');
      return 'The exporter cannot resolve anything.';
    },
  }),
];
