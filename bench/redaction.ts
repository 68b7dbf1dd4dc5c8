// How many secrets the redaction misses, how many ordinary lines it takes for one, what a megabyte costs and how that
// grows. The corpora are those of test/redaction: notations crossed with values, providers with places, and ordinary
// lines that sound like secrets. `--of` measures another checkout against the same corpora.
// Run: node bench/redaction.ts [--seed=1] [--each=12] [--of=folder of another checkout]
import { resolve } from 'node:path';
import { ORDINARY, plantedSecrets } from '../test/redaction/corpus.ts';
import { plantedCorpus, survives } from '../test/redaction/generated/corpus.ts';
import { ordinaryCorpus } from '../test/redaction/generated/ordinary.ts';
import { HEX, LOWER, seeded } from '../test/redaction/generated/random.ts';
import { option } from './stage.ts';

const SEED = option('seed', 1);
const of = process.argv.find((argument) => argument.startsWith('--of='))?.slice('--of='.length);
const { createRedactor }: typeof import('../src/redaction/redactor.ts') = await import(
  of === undefined ? '../src/redaction/redactor.ts' : resolve(of, 'src/redaction/redactor.ts')
);
const MEBIBYTE = 1024 * 1024;

/** Processor time in milliseconds: the wall clock measures what else the machine does. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Two megabytes of what clusters log: requests, events, digests, identifiers. */
function plainLog(): string {
  const random = seeded(SEED);
  const made: (() => string)[] = [
    () => `INFO[00${10 + random.below(90)}] Pushed kind-registry:5000/lambda/x@sha256:${random.text(HEX, 64)}`,
    () =>
      `{"level":"info","ts":${1_795_000_000 + random.below(1e6)}.5,"logger":"controller","knative.dev/traceid":"${random.text(HEX, 32)}","knative.dev/key":"shop/${random.text(LOWER, 8)}","duration":"${random.below(900)}ms"}`,
    () => `Successfully assigned shop/cart-${random.text(HEX, 10)}-${random.text(HEX, 5)} to node-${random.below(40)}`,
    () =>
      `10.42.${random.below(255)}.7 - - [26/Nov/2026:10:12:10 +0000] "GET /api/v1/items/${random.text(HEX, 24)}?page=3 HTTP/1.1" 200 512 "-" "okhttp/4.1"`,
    () => `dial tcp 10.96.${random.below(255)}.1:${1024 + random.below(60_000)}: connect: connection refused`,
    () => ORDINARY[random.below(ORDINARY.length)] ?? '',
  ];
  let text = '';
  while (text.length < 2 * MEBIBYTE) text += `${random.one(made)()}\n`;
  return text;
}

/** Texts made to cost as much as they can, a mebibyte each. */
const HOSTILE = [
  'a',
  'password="',
  'password: ',
  'password is ',
  'eyJ',
  'a://b:',
  'a.',
  '-----BEGIN PRIVATE KEY-----\n',
  '\\',
  'token "name","value',
  'auth=',
  'kind: Secret data: ',
  'kind: Secret\ndata:{}\n',
  'kind: Secret\ndata: {"a":"b',
  '<password>',
  'ops_eyJ',
  'curl -u ',
  'mysql ',
  'jira ',
  '\u001b[3',
  '%3d',
  '"value":"x","name":"password',
  'variable "password" { ',
  'cGFzc3dvcmQ9',
];

const redactor = createRedactor();
const first = cost(() => redactor.redact('first=1'));

async function missedOf(texts: ReturnType<typeof plantedCorpus>, redact: (text: string) => string | Promise<string>) {
  let missed = 0;
  for (const one of texts) if (survives(one, await redact(one.text))) missed += 1;
  return `${missed} missed (${((100 * missed) / texts.length).toFixed(2)} %)`;
}

const old = plantedSecrets().filter(({ text, secrets }) => {
  const out = redactor.redact(text);
  return secrets.some((secret) => out.includes(secret));
});
const crossed = plantedCorpus(SEED);
console.log(`planted by hand   ${plantedSecrets().length} secrets, ${old.length} missed`);
console.log(`crossed           ${crossed.length} secrets, ${await missedOf(crossed, redactor.redact)}`);
console.log(`with secretlint   ${crossed.length} secrets, ${await missedOf(crossed, redactor.redactDeep)}`);

const lines = ordinaryCorpus(SEED, option('each', 12));
const alarms = lines.filter(({ text }) => redactor.redact(text) !== text);
console.log(
  `ordinary lines    ${lines.length} that sound like secrets, ${alarms.length} false alarms (${((100 * alarms.length) / lines.length).toFixed(2)} %)`,
);
for (const { text } of alarms.slice(0, 5)) console.log(`  ${text.slice(0, 160)}`);

const log = plainLog();
const provoking = lines.map(({ text }) => text).join('\n');
redactor.redact(log);
const whole = cost(() => redactor.redact(`${log} `));
const tenth = cost(() => redactor.redact(log.slice(0, log.length / 10)));
console.log(`first call        ${first.toFixed(0)} ms of the processor`);
console.log(
  `an ordinary log   ${((whole * MEBIBYTE) / log.length).toFixed(0)} ms a MB; ten times the text costs ${(whole / tenth).toFixed(1)} times as much`,
);
console.log(
  `provoking lines   ${((cost(() => redactor.redact(provoking)) * MEBIBYTE) / provoking.length).toFixed(0)} ms a MB`,
);
const worst = HOSTILE.map((unit) => {
  const text = unit.repeat(Math.ceil(MEBIBYTE / unit.length));
  return { unit, ms: cost(() => redactor.redact(text)) };
}).toSorted((a, b) => b.ms - a.ms)[0];
console.log(`hostile texts     ${worst?.ms.toFixed(0)} ms a MB at worst (${JSON.stringify(worst?.unit)})`);
