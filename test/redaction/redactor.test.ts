import { describe, expect, test } from '@jest/globals';
import { secretRanges } from '../../src/redaction/detect.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { viewsOf } from '../../src/redaction/view.ts';

const redactor = createRedactor();

describe('a secret', () => {
  test.each([
    ['password=hunter22', 'hunter22'],
    ['{"token": "abc123def"}', 'abc123def'],
    ['{\\"apiKey\\": \\"abc123def\\"}', 'abc123def'],
    ['postgres://app:pa55w0rd@db:5432/x', 'pa55w0rd'],
    ['amqp://guest:s3cret@rabbitmq', 's3cret'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY', 'wJalr'],
    ["MINIO_ROOT_PASSWORD: 'sup3r!'", 'sup3r'],
    ['Authorization: Bearer abc.def123456', 'abc.def'],
    ['x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r y', 'eyJhbGci'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'abcdefghij'],
    ['https://x-access-token:ghs_0123456789abcdef0123@github.com/a/b', '0123456789'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----', 'MIIEpAIB'],
    ['AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4;EndpointSuffix=core', 'Zm9vYmFy'],
  ])('does not survive: %s', (text, secret) => {
    expect(redactor.redact(text)).not.toContain(secret);
    expect(redactor.redact(text)).toContain('[redacted]');
  });

  test('is counted, and what was redacted stays as it is', () => {
    const told: number[] = [];
    const counting = createRedactor((count) => told.push(count));
    const once = counting.redact('password=hunter22 token=abc123def');
    expect(told).toEqual([2]);
    expect(counting.redact(once)).toBe(once);
  });

  test('that only a provider would recognise goes too when there is time to look', async () => {
    expect(await redactor.redactDeep('key AKIAIOSFODNN7EXAMPLQ end')).not.toContain('IOSFODNN7');
  });
});

describe('ordinary text', () => {
  test.each([
    'maxTokens: 4096',
    'secretName: registry-credentials-ref',
    'token expired: yes',
    'compass: north',
    'auth: failed',
    'password: ""',
    'digest sha256:9b2a4c5d6e7f809192a3b4c5d6e7f809192a3b4c5d6e7f809192a3b4c5d6e7f8',
    'http://10.0.0.1:8080/healthz?x=1',
    'image registry.local:5000/team/app@sha256:abcdef0123456789',
    'level=info msg="pushed layer" duration=3.2s path=/kaniko/0',
    'MountVolume.SetUp failed for volume "token-volume" : secret "app-tokens" not found',
    'email ana@example.com wrote to bob@example.com',
  ])('stays: %s', (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

describe('the data of a Secret', () => {
  const last = JSON.stringify({
    kind: 'Secret',
    stringData: { first: 'pa}ss "blue', licence: 'horse\\', third: 'x-z' },
  });
  test.each([
    ['a brace in a value', '{"kind":"Secret","stringData":{"a":"pa}ss word","license":"blue-horse"}}', ['blue', 'ss']],
    ['an escaped quote in a value', '{"kind":"Secret","data":{"a":"pa\\"ss word","b":"blue"}} x', ['ss w', 'blue']],
    ['a value that ends in a backslash', '{"kind":"Secret","data":{"a":"ss\\\\","licence":"blue"}}', ['ss', 'blue']],
    ['JSON in a string', JSON.stringify({ annotation: last }), ['pa}', 'blue', 'horse', 'x-z']],
    ['JSON over lines', '{\n"kind": "Secret",\n"data": {\n  "a": "blue",\n  "b": "horse"\n}}', ['blue', 'horse']],
    ['the flow form of YAML', 'kind: Secret\ndata: {a: YmxhaGJsYWg=, b: "bl}ue"}\n', ['Ymxh', 'ue"']],
    [
      'the flow form over lines',
      'kind: Secret\ndata: {\n  a: YmxhaGJsYWg=, # the first\n  b: blue\n}',
      ['Ymxh', 'blue'],
    ],
    ['a value that was cut off', '{"kind":"Secret","data":{"a":"blue hor', ['blue', 'hor']],
    ['no end within reach', `{"kind":"Secret","data":{"a":"${'blue '.repeat(9_000)}","b":"horse"}}`, ['blue', 'horse']],
  ])('does not survive: %s', (_what, text, secrets) => {
    const clean = redactor.redact(text);
    for (const secret of secrets) expect(clean).not.toContain(secret);
    expect(redactor.redact(clean)).toBe(clean);
  });

  test('ends with its mapping: what follows stays, and so does what is no data', () => {
    const text = '{"kind":"Secret","metadata":{"name":"cart"},"data":{"a":"blue"},"type":"Opaque"} level=info';
    expect(redactor.redact(text)).toBe(text.replace('blue', '[redacted]'));
    expect(redactor.redact('kind: Secret\ndata: {}\nmessage: it is "empty"')).toContain('message: it is "empty"');
  });

  test('is found in every one of many', () => {
    const text = 'kind: Secret\ndata: {a: blue}\nnext: stays\n---\n'.repeat(2_000);
    expect(redactor.redact(text)).toBe(text.replaceAll('blue', '[redacted]'));
  });
});

describe('a long value', () => {
  test('that repeats its own name is redacted once and wholly, and the next one as well', () => {
    const long = 'x9Kq'.repeat(5_000);
    expect(redactor.redact(`token=${long} next=1`)).toBe('token=[redacted] next=1');
    expect(redactor.redact(`password=hunter22 ${'auth='.repeat(13_000)}x token=abc123def`)).toMatch(
      /^password=\[redacted\] auth=.*token=\[redacted\]$/,
    );
  });

  test('keeps no end where a full stop or a comma stands in the middle', () => {
    for (const mark of ['.', ',', ';', ')'])
      expect(redactor.redact(`password=${`x9Kq${mark}`.repeat(200)}`)).not.toContain('x9Kq');
  });
});

/** Words that tokens and assignments begin with: the shortest that some rule looks for. */
const BEGINNINGS = [
  'password',
  'token',
  'secret',
  'AKIA',
  'ghp_',
  'glpat-',
  'xoxb-',
  'sk-',
  'eyJ',
  'npm_',
  'hf_',
  's.',
  '-p',
  'SG.',
  '-----',
];

test('no rule finds anything in a text as short and plain as a cell, which is why such a text is not searched', () => {
  const plain = 'ABCXYZabcxyz0189_./-';
  const one = (length: number, seed: number) =>
    Array.from({ length }, (_, at) => plain[(seed * 31 + at * at * 7 + at) % plain.length]).join('');
  for (let seed = 0; seed < 4_000; seed += 1) {
    const text = `${BEGINNINGS[seed % BEGINNINGS.length]}${one(10, seed)}`.slice(0, 10);
    expect([text, viewsOf(text).flatMap((view) => secretRanges(view.text))]).toEqual([text, []]);
    expect(redactor.redact(text)).toBe(text);
  }
});

test('a short value of a field whose name says that it is a secret is masked all the same', () => {
  expect(redactor.redactTree({ password: 'hunter2', rows: [['hunter2']] })).toEqual({
    password: '[redacted]',
    rows: [['hunter2']],
  });
});

test('the value of a flag in a list of arguments is masked as on a command line', () => {
  const args = [
    'serve',
    '--password',
    'hunter2',
    '--token',
    '--verbose',
    '--listen',
    ':8080',
    '-db-password',
    'hunter3',
  ];
  expect(redactor.redactTree({ args })).toEqual({
    args: [
      'serve',
      '--password',
      '[redacted]',
      '--token',
      '--verbose',
      '--listen',
      ':8080',
      '-db-password',
      '[redacted]',
    ],
  });
});

test('the value of a variable with a secret name is masked whole, on however many lines and in whichever order', () => {
  const env = [
    { name: 'DB_PASSWORD', value: 'abc123!x\nsecondsecret9\nthird one' },
    { value: 'swordfish1', name: 'REDIS_PASSWORD' },
    { name: 'LOG_LEVEL', value: 'debug' },
  ];
  expect(redactor.redactTree({ env })).toEqual({
    env: [
      { name: 'DB_PASSWORD', value: '[redacted]' },
      { value: '[redacted]', name: 'REDIS_PASSWORD' },
      { name: 'LOG_LEVEL', value: 'debug' },
    ],
  });
});

test.each([
  ['args:\n- --db-password\n- Xk29fjw0qLz\n- --port\n- 8080', 'args:\n- --db-password\n- [redacted]\n- --port\n- 8080'],
  ['"args": [\n  "--db-password",\n  "Xk29fjw0qLz"\n]', '"args": [\n  "--db-password",\n  "[redacted]"\n]'],
  ['DB_PASSWORD: >-\n    Xk29fjw0qLz\n    second\nhost: db', 'DB_PASSWORD: >-\n    [redacted]\nhost: db'],
  ['- --token\n- --verbose\n- serve', '- --token\n- --verbose\n- serve'],
])('in a log that shows a manifest, %j is masked over its lines', (text, masked) => {
  expect(redactor.redact(text)).toBe(masked);
  expect(redactor.redact(masked)).toBe(masked);
});
