// How many planted secrets the redaction misses, how many ordinary lines it takes for one, and how its time grows with the
// text: 5 MB of lines as clusters write them, with random ids, digests, addresses and numbers in them.
// Run: node bench/redaction.ts [--megabytes=5] [--seed=1]
import { createRedactor } from '../src/redaction/redactor.ts';
import { ORDINARY, plantedSecrets } from '../test/redaction/corpus.ts';
import { option } from './stage.ts';

const MEGABYTES = option('megabytes', 5);
let state = option('seed', 1);
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const pick = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
const hex = (length: number) => pick('0123456789abcdef', length);
const word = (length: number) => pick('abcdefghijklmnopqrstuvwxyz', length);
const number = (below: number) => Math.floor(random() * below);

/** Lines with what looks like a secret and is none: digests, uids, commits, encoded bodies, long names. */
const MADE: readonly (() => string)[] = [
  () => `INFO[00${number(90) + 10}] Pushed kind-registry:5000/knative-lambda/${word(9)}@sha256:${hex(64)}`,
  () =>
    `{"level":"info","ts":${1_795_000_000 + number(1e6)}.${number(999)},"logger":"controller","msg":"Reconcile succeeded","knative.dev/traceid":"${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}","knative.dev/key":"${word(8)}/${word(10)}","duration":"${number(900)}.${number(999)}ms"}`,
  () =>
    `I1126 10:${10 + number(49)}:${10 + number(49)}.${number(999999)}       1 reflector.go:351] Caches populated for *v1.Secret from k8s.io/client-go/informers/factory.go:159`,
  () => `Successfully assigned ${word(8)}/${word(6)}-${hex(10)}-${hex(5)} to node-${number(40)}`,
  () =>
    `10.42.${number(255)}.${number(255)} - - [26/Nov/2026:10:12:${10 + number(49)} +0000] "GET /api/v1/items/${hex(24)}?page=${number(90)} HTTP/1.1" 200 ${number(9000)} "-" "okhttp/4.${number(12)}"`,
  () => `commit ${hex(40)} by ${word(7)}: bump version to 1.${number(30)}.${number(30)}`,
  () =>
    `etag="${hex(32)}" last-modified="Thu, 26 Nov 2026 10:00:00 GMT" x-request-id=${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
  () =>
    `at ${word(8)}.${word(10)} (/usr/src/app/node_modules/${word(9)}/lib/${word(7)}.js:${number(900)}:${number(80)})`,
  () => `dial tcp 10.96.${number(255)}.${number(255)}:${1024 + number(60000)}: connect: connection refused`,
  () => `Retrieving image manifest python:3.11-alpine; layer sha256:${hex(64)} already exists`,
];

function ordinaryLog(bytes: number): readonly string[] {
  const lines: string[] = [];
  for (let size = 0; size < bytes; ) {
    const make = MADE[number(MADE.length)];
    const line = (random() < 0.3 ? ORDINARY[number(ORDINARY.length)] : make?.()) ?? '';
    lines.push(line);
    size += line.length + 1;
  }
  return lines;
}

async function timed(redact: (text: string) => string | Promise<string>, text: string): Promise<number> {
  const begin = performance.now();
  await redact(text);
  return performance.now() - begin;
}

const redactor = createRedactor();
const planted = plantedSecrets();
const missed: string[] = [];
for (const { kind, text, secrets } of planted) {
  const out = await redactor.redactDeep(text);
  if (secrets.some((secret) => out.includes(secret))) missed.push(kind);
}
console.log(
  `planted secrets   ${planted.length} of ${new Set(planted.map(({ kind }) => kind)).size} kinds, ${missed.length} missed ${missed.join(', ')}`,
);

const lines = ordinaryLog(MEGABYTES * 1024 * 1024);
const text = lines.join('\n');
const after = redactor.redact(text).split('\n');
const alarms = lines.filter((line, index) => after[index] !== line);
console.log(`ordinary lines    ${lines.length} in ${MEGABYTES} MB, ${alarms.length} false alarms`);
for (const line of alarms.slice(0, 5)) console.log(`  ${line.slice(0, 160)}`);

const whole = await timed(redactor.redact, text);
const fifth = await timed(redactor.redact, text.slice(0, text.length / 5));
console.log(
  `our own patterns  ${whole.toFixed(0)} ms, ${(whole / MEGABYTES).toFixed(0)} ms a MB; five times the text took ${(whole / fifth).toFixed(1)} times as long`,
);
const excerpt = text.slice(0, 256 * 1024);
console.log(
  `with secretlint   ${(await timed(redactor.redactDeep, excerpt)).toFixed(0)} ms for the 256 KiB a container's log may have`,
);
