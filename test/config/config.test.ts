import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../src/config/file.ts';
import { fileSchema } from '../../src/config/fileSchema.ts';
import { describeConfig, loadConfig } from '../../src/config.ts';

const ROOT = '/opt/responder';
const REAL_SLACK = { SLACK_BOT_TOKEN: 'xoxb-1-abc', SLACK_APP_TOKEN: 'xapp-1-abc' };
const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

function load(env: Record<string, string>) {
  return loadConfig(env, { root: ROOT });
}

describe('the environment', () => {
  test('simulates every part that is not configured on a laptop', () => {
    const config = load({});
    expect(config).toMatchObject({
      slack: null,
      kubeconfig: null,
      prometheusUrl: null,
      channel: '#incidents',
      host: '127.0.0.1',
    });
    expect(config.ports).toEqual({ http: 8080, workspace: 3000, cluster: 3001, metrics: 3002 });
    expect(config.runbooks.folders).toEqual([join(ROOT, 'runbooks')]);
  });

  test('takes each part as real as soon as it is configured', () => {
    const config = load({ KUBECONFIG: '/etc/kube', PROMETHEUS_URL: 'http://prometheus:9090', ...REAL_SLACK });
    expect(config.slack).toMatchObject({ botToken: 'xoxb-1-abc', apiUrl: null });
    expect(config.kubeconfig).toBe('/etc/kube');
    expect(config.prometheusUrl).toBe('http://prometheus:9090');
  });

  test('names the missing variable when real Slack tokens forbid to simulate the rest', () => {
    expect(() => load(REAL_SLACK)).toThrow(
      /^KUBECONFIG: missing, and nothing is simulated by itself with real Slack tokens/,
    );
    expect(load({ ...REAL_SLACK, SIMULATE: 'cluster,metrics' }).kubeconfig).toBeNull();
    expect(load({ ...REAL_SLACK, SLACK_API_URL: 'http://127.0.0.1:3000/api' }).slack?.apiUrl).toBe(
      'http://127.0.0.1:3000/api/',
    );
  });

  test('simulates nothing by itself in production', () => {
    const tokens = { WEBHOOK_TOKEN: 'w', API_TOKEN: 'a' };
    expect(() => load({ ...tokens, NODE_ENV: 'production' })).toThrow(/^SLACK_BOT_TOKEN: missing/);
    expect(() => load({ ...tokens, ...IN_CLUSTER, ...REAL_SLACK })).toThrow(/^PROMETHEUS_URL: missing/);
    const config = load({ ...tokens, ...IN_CLUSTER, ...REAL_SLACK, PROMETHEUS_URL: 'none' });
    expect(config).toMatchObject({
      production: true,
      kubeconfig: expect.stringMatching(/^in-cluster:https:\/\/[\d.]+:443$/),
      prometheusUrl: 'none',
      host: '0.0.0.0',
    });
  });

  test('refuses to start in production without webhook or API token', () => {
    const env = { ...IN_CLUSTER, ...REAL_SLACK, PROMETHEUS_URL: 'none' };
    expect(() => load(env)).toThrow(/^WEBHOOK_TOKEN: missing in production/);
    expect(() => load({ ...env, WEBHOOK_TOKEN: 'w' })).toThrow(/^API_TOKEN: missing in production/);
  });

  test('refuses a channel that Slack cannot have', () => {
    for (const channel of ['#incidents', 'prod-42_on-call', 'C0123ABCD', '#störungen'])
      expect(load({ SLACK_CHANNEL: channel }).channel).toBe(channel);
    for (const channel of ['#on call', 'team.incidents', '#', 'https://acme.slack.com/archives/C0123ABCD'])
      expect(() => load({ SLACK_CHANNEL: channel })).toThrow(/^SLACK_CHANNEL: ".*" cannot be a channel of Slack/);
  });

  test('opens API and pages with the webhook token outside production', () => {
    expect(load({ WEBHOOK_TOKEN: 'w' }).apiToken).toBe('w');
    expect(load({ WEBHOOK_TOKEN: 'w', API_TOKEN: 'a' }).apiToken).toBe('a');
  });

  test('a short acknowledgement has its reminder halfway, unless the file says when', () => {
    const remindBefore = (text: string) => parseSettings('r.yaml', text).acknowledgement.remindBefore;
    expect(remindBefore('acknowledgement: { expiresAfter: 5m }')).toBe(150_000);
    expect(remindBefore('acknowledgement: { sev1: 1h }')).toBe(300_000);
    expect(remindBefore('acknowledgement: { expiresAfter: 5m, remindBefore: 1m }')).toBe(60_000);
  });

  test.each([
    [{ PORT: '80a' }, /^PORT: "80a" is not a port/],
    [{ PORT: '70000' }, /^PORT: "70000" is not a port/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: "loud" is not known/],
    [{ SIMULATE: 'slack' }, /^SIMULATE: "slack" is not a part/],
    [{ PROMETHEUS_URL: 'prometheus:9090' }, /^PROMETHEUS_URL: not an http or https URL/],
    [{ PROMETHEUS_URL: 'javascript:alert(1)' }, /^PROMETHEUS_URL: not an http or https URL/],
    [{ ALERTMANAGER_URL: 'file:///etc/passwd' }, /^ALERTMANAGER_URL: not an http or https URL/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'data:,x' }, /^OTEL_EXPORTER_OTLP_ENDPOINT: not an http or https URL/],
    [{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_API_URL: 'ftp://slack' }, /^SLACK_API_URL: not an http or https URL/],
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL: not a kind of store/],
    [{ SLACK_BOT_TOKEN: 'xoxp-1', SLACK_APP_TOKEN: 'xapp-1' }, /^SLACK_BOT_TOKEN: a bot token starts with xoxb-/],
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, /^SLACK_APP_TOKEN: missing, and SLACK_SIGNING_SECRET too/],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, /^SLACK_BOT_TOKEN: missing, though SLACK_APP_TOKEN is set/],
  ])('names the variable that is wrong: %j', (env, message) => {
    expect(() => load(env as Record<string, string>)).toThrow(message);
  });
});

describe('responder.yaml', () => {
  test('overrides the numbers of the default rules', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'responder.yaml');
    writeFileSync(
      file,
      'profile: operator\nquiet:\n  autoResolve: 5m\nroutes:\n  - match: {team: payments}\n    channel: "#pay"\n',
    );
    const config = load({ RESPONDER_CONFIG: file });
    expect(config.policy.profile.buildsNamespace).toBe('knative-lambda');
    expect(config.policy.quiet).toEqual({
      autoResolveMs: 300_000,
      remindAtMs: [1_800_000, 14_400_000],
      closeAfterMs: 86_400_000,
    });
    expect(config.routes).toEqual([{ match: { team: 'payments' }, channel: '#pay' }]);
  });

  test.each([
    ['quiet:\n  autoresolve: 5m\n', 'r.yaml:2: quiet.autoresolve: unknown key; did you mean "autoResolve"?'],
    ['profile: operater\n', 'r.yaml:1: profile: '],
    ['flapping:\n  cycles: 3\n  window: an hour\n', 'r.yaml:3: flapping.window: "an hour" is not a duration'],
    ['routes:\n  - match: {a: b}\n    chanel: x\n', 'r.yaml:3: routes.0.chanel: unknown key; did you mean "channel"?'],
    ['intake: {maxBody: 32}\n', 'r.yaml:1: intake.maxBody: '],
    ['a: [1\n', 'r.yaml:2:1: not valid YAML'],
    ['suppress:\n  - {alertname: "/(/"}\n', 'r.yaml:2: suppress.0.alertname: '],
    ['names: {buildJobPattern: "("}\n', 'r.yaml:1: names.buildJobPattern: '],
    ['- 1\n', 'r.yaml:1: (top level): '],
  ])('says file, line, path and the nearest name for %j', (text, message) => {
    expect(() => parseSettings('r.yaml', text)).toThrow(message);
  });

  test('says what is allowed for a wrong choice', () => {
    expect(() => parseSettings('r.yaml', 'profile: operater\n')).toThrow(/Allowed: builder, operator/);
  });

  test('names a file that cannot be read', () => {
    expect(() => load({ RESPONDER_CONFIG: '/nowhere/r.yaml' })).toThrow('/nowhere/r.yaml: cannot be read');
  });
});

test('config show masks every secret', () => {
  const env = {
    ...REAL_SLACK,
    KUBECONFIG: '/k',
    PROMETHEUS_URL: 'none',
    WEBHOOK_TOKEN: 'hush-1',
    API_TOKEN: 'hush-2',
    DATABASE_URL: 'postgres://u:hush-3@db/x',
  };
  const shown = describeConfig(load(env));
  expect(shown).not.toMatch(/hush|xoxb-1|xapp-1/);
  expect(shown).toContain('postgres://u:***@db/x');
});

describe('what is wrong with responder.yaml', () => {
  const problem = (text: string): string => {
    try {
      parseSettings('r.yaml', text);
    } catch (error) {
      return Error.isError(error) ? error.message : String(error);
    }
    return 'nothing';
  };

  test('is told in the order of its lines, with path, nearest name and what is allowed', () => {
    const lines = problem('routs: []\nquiet: { autoResolve: soon }\nprofile: biulder\n').split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^r\.yaml:1: routs: unknown key; did you mean "routes"\? Allowed here: profile, /),
      expect.stringMatching(/^r\.yaml:2: quiet\.autoResolve: "soon" is not a duration/),
      expect.stringMatching(/^r\.yaml:3: profile: "biulder" is not known/),
    ]);
  });

  test.each([
    [
      'profile: biulder',
      'r.yaml:1: profile: "biulder" is not known; did you mean "builder"? Allowed: builder, operator',
    ],
    ['routes:\n  - match: {}', 'r.yaml:2: routes.0.channel: missing; a text is expected'],
    [
      'routes: [{ match: {}, channel: "#on call" }]',
      'r.yaml:1: routes.0.channel: cannot be a channel of Slack: write its name, such as #payments, or its id',
    ],
    ['a: 1\n---\nb: 1', 'r.yaml:2:1: not valid YAML: one document is expected, without ---'],
    ['clusters: [{ name: a }, { name: a }]', 'r.yaml:1: clusters: "a" appears twice'],
    [
      'cluster: c\nclusters: [{ name: a }, { name: b }]',
      'r.yaml:2: clusters: none is the default cluster "c"; set `cluster` to one of them: a, b',
    ],
  ])('%j', (text, told) => {
    expect(problem(text)).toBe(told);
  });

  test.each([
    ['access: { namespaces: [] }', /^r\.yaml:1: access\.namespaces: an empty list would let nobody read/],
    ['mentions: { group: "@oncall" }', /^r\.yaml:1: mentions\.group: write the handle of the user group without @/],
    ['mentions: { group: channel }', /a whole channel is never mentioned/],
    ['mentions: { group: @oncall }', /^r\.yaml:1:20: not valid YAML: a value cannot begin with this character/],
    ['storm: { perMinute: 0 }', /^r\.yaml:1: storm\.perMinute: at least 1 is expected$/],
    ['senders: [{ name: a, cluster: a, tokenVariable: lower }]', /not the name of a variable/],
  ])('refuses %j in our words', (text, told) => {
    expect(problem(text)).toMatch(told);
  });

  test('is never told in the words of a library', () => {
    const RAW =
      /Invalid |expected .*received|Too (?:small|big)|must match pattern|Unexpected|Implicit|Nested mappings|Plain value|\bflow\b/;
    const values = ['[]', '{}', '""', 'a b', '-1', '1.5', 'null', '[[1]]', '{ a: { b: c } }', '[{}]', 'true'];
    const defaults = Object.entries(fileSchema.parse({}));
    const paths = defaults.flatMap(([key, value]) => [
      key,
      ...Object.keys(Object(value)).map((inner) => `${key}.${inner}`),
    ]);
    const yaml = (path: string, value: string) =>
      path.split('.').reduceRight((inner, key) => `{ ${key}: ${inner} }`, value);
    for (const path of paths)
      for (const value of [...values, `"${'x'.repeat(300)}"`])
        expect([path, value, problem(yaml(path, value))].join(' ~ ')).not.toMatch(RAW);
    const broken = [
      'a: [',
      'a: "x',
      'a: b: c',
      '\tx: 1',
      'a: 1\na: 2',
      '*x',
      '- a\nb: 1',
      'a: {b: [}',
      '%x',
      'a: !x y',
    ];
    for (const text of broken) expect([text, problem(text)].join(' ~ ')).not.toMatch(RAW);
  });

  test('names the key that belongs somewhere else', () => {
    expect(problem('maxBody: 3MiB')).toMatch(
      /^r\.yaml:1: maxBody: unknown key; it belongs under "intake"\. Allowed here: /,
    );
  });
});

test.each(['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'ftp://wiki', '//wiki', 'wiki'])(
  'refuses %j as an address that people or the responder would open',
  (url) => {
    for (const text of [`publicUrl: "${url}"`, `runbooks: { baseUrl: "${url}" }`])
      expect(() => parseSettings('r.yaml', text)).toThrow(
        /^r\.yaml:1: (publicUrl|runbooks\.baseUrl): not an http or https URL; write it like https:/,
      );
  },
);

test.each(['fallback: {after: 2m}', 'fallback: {}', 'fallback: {webhookVariable: null}'])(
  'refuses a fallback that has no way to send: %s',
  (text) => {
    expect(() => parseSettings('r.yaml', `cluster: prod\n${text}`)).toThrow(
      /^r\.yaml:2: fallback: has no way to send; add webhookVariable: NAME .* or email: \{urlVariable/,
    );
  },
);

test('has no fallback unless one is written', () => {
  expect(load({}).fallback).toBeNull();
});

test('refuses a fallback webhook that is not http or https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(folder, 'r.yaml'), 'fallback: { webhookVariable: SECOND_WAY }');
  const env = { RESPONDER_CONFIG: join(folder, 'r.yaml'), SECOND_WAY: 'javascript:alert(1)' };
  expect(() => load(env)).toThrow(/^SECOND_WAY: not an http or https URL/);
});

test.each(['Authorization', 'cookie', 'Host', 'User-Agent', 'Accept-Language', 'Sec-Fetch-Site', 'Content-Type'])(
  'refuses %s as proof that a proxy knows who asks: clients send it by themselves',
  (header) => {
    expect(() => parseSettings('r.yaml', `pages: { proxyHeader: ${header} }`)).toThrow(
      `r.yaml:1: pages.proxyHeader: clients send ${header.toLowerCase()} without anybody having logged in`,
    );
  },
);

test.each(['X-Forwarded-For', 'x-forwarded-host', 'X-Forwarded-Proto', 'X-Real-IP', 'X-Request-Id', 'traceparent'])(
  'refuses %s as proof that a proxy knows who asks: every proxy sets it',
  (header) => {
    expect(() => parseSettings('r.yaml', `pages: { proxyHeader: ${header} }`)).toThrow(/X-Auth-Request-User/);
  },
);

test('takes the headers by which authenticating proxies name who asks, and nothing that is no header', () => {
  for (const header of [
    ...[
      'X-Forwarded-User',
      'X-Forwarded-Email',
      'X-Forwarded-Preferred-Username',
      'X-Auth-Request-User',
      'Remote-User',
    ],
    ...[
      'X-WebAuth-User',
      'Cf-Access-Authenticated-User-Email',
      'X-Goog-Authenticated-User-Email',
      'X-authentik-username',
    ],
  ])
    expect(parseSettings('r.yaml', `pages: { proxyHeader: ${header} }`).pages.proxyHeader).toBe(header);
  for (const header of ['"x user"', '"x:y"', '""', '"x\\r\\ny: z"'])
    expect(() => parseSettings('r.yaml', `pages: { proxyHeader: ${header} }`)).toThrow(/not the name of a header/);
});

test('takes addresses and networks of proxies, and none that would trust everybody', () => {
  const of = (text: string) => parseSettings('r.yaml', `http: { trustedProxies: [${text}] }`).http.trustedProxies;
  expect(of('10.0.0.7, 10.0.0.0/8, "fd00::/8", "::1"')).toEqual(['10.0.0.7', '10.0.0.0/8', 'fd00::/8', '::1']);
  for (const wrong of ['0.0.0.0/0', '10.0.0.0/33', 'ingress', 'true', '10.0.0.0/8/8', '"::/0"'])
    expect(() => of(wrong)).toThrow(/^r\.yaml:1: http\.trustedProxies\.0: /);
});

test('paths in responder.yaml count from where the file is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(folder, 'r.yaml'), 'runbooks: { folders: [ours, /abs] }\nclusters: [{ name: a, kubeconfig: kc }]');
  const config = load({ RESPONDER_CONFIG: join(folder, 'r.yaml') });
  expect(config.runbooks.folders).toEqual([join(ROOT, 'runbooks'), join(folder, 'ours'), '/abs']);
  expect(config.clusters).toMatchObject([{ kubeconfig: join(folder, 'kc') }]);
});

test.each([
  ['SLACK_BOT_TOKE', 'SLACK_BOT_TOKEN'],
  ['SLACK_BOT_TOKNE', 'SLACK_BOT_TOKEN'],
  ['PROMETEUS_URL', 'PROMETHEUS_URL'],
  ['slack_bot_token', 'SLACK_BOT_TOKEN'],
  ['WEBHOOK_TOKENS', 'WEBHOOK_TOKEN'],
])('refuses the variable %s, which is %s with a slip', (name, meant) => {
  expect(() => loadConfig({ [name]: 'x' }, { root: '.' })).toThrow(
    expect.objectContaining({ message: `${name}: not a variable that is read`, hint: expect.stringContaining(meant) }),
  );
});

test('takes variables of others that only look like its own', () => {
  const env = { API_TOKENS: 'x', REDIS_SERVICE_PORT: '1', DATABASE_URI: 'x', KUBE_CONFIG: 'x', LOG_LEVELS: 'x' };
  expect(() => loadConfig(env, { root: '.' })).not.toThrow();
});

const ESCALATION = (rungs: string, more = '') =>
  `escalation:\n  policies:\n    - name: platform\n      rungs: ${rungs}\n${more}`;

test('a policy leaves its times to the severity, and a route names its own', () => {
  const { escalation, routes } = parseSettings(
    'r.yaml',
    `${ESCALATION('[{ notify: [group: oncall, user: U0123ABCD] }]', '  sev1: platform\n')}routes: [{ match: { a: b }, channel: '#a', escalation: platform }]`,
  );
  expect(escalation).toMatchObject({ sev1: 'platform', sev2: null, policies: [{ rounds: 3, pause: 600_000 }] });
  expect(escalation.policies[0]?.rungs).toEqual([
    { after: null, notify: [{ group: 'oncall' }, { user: 'U0123ABCD' }] },
  ]);
  expect(routes[0]?.escalation).toBe('platform');
});

test.each([
  ['a rung that calls nobody', ESCALATION('[{ notify: [] }]'), /^r\.yaml:4: .*notify: a rung calls somebody/],
  ['a policy without rungs', ESCALATION('[]'), /^r\.yaml:4: .*rungs: a policy has at least one rung/],
  ['two in one entry', ESCALATION('[{ notify: [{ group: a, user: U0123 }] }]'), /name one of group, user or channel/],
  ['a person by name', ESCALATION('[{ notify: [user: ana] }]'), /not the id of a person in Slack: .*Copy member ID/],
  ['a whole channel', ESCALATION('[{ notify: [group: here] }]'), /a whole channel is never mentioned/],
  [
    'times that fall',
    ESCALATION('[{ after: 5m, notify: [group: a] }, { after: 1m, notify: [group: b] }]'),
    /rungs: each rung comes after the one before/,
  ],
  [
    'times of some rungs',
    ESCALATION('[{ after: 5m, notify: [group: a] }, { notify: [group: b] }]'),
    /rungs: give every rung its time/,
  ],
  [
    'a policy that is not there',
    ESCALATION('[{ notify: [group: a] }]', '  sev2: platfrom\n'),
    /^r\.yaml:5: escalation\.sev2: no policy has the name "platfrom"; there are: platform/,
  ],
  [
    'a route to a policy that is not there',
    'routes: [{ match: { a: b }, channel: "#a", escalation: payments }]',
    /^r\.yaml:1: routes\.0\.escalation: no policy has the name "payments"; there is none/,
  ],
  ['a key that is not there', 'escalation: { sev3: a }', /escalation\.sev3: unknown key; did you mean "sev1"\?/],
  [
    'a reminder that comes with the acknowledgement',
    'acknowledgement: { sev1: 5m, remindBefore: 5m }',
    /acknowledgement\.remindBefore: is as long as an acknowledgement holds/,
  ],
])('an escalation is refused with %s', (_what, text, problem) => {
  expect(() => parseSettings('r.yaml', text)).toThrow(problem);
});
