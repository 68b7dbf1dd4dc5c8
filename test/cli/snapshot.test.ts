import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli.ts';
import { ROOT } from '../acceptance/program.ts';
import {
  create,
  createNamespace,
  deployment,
  happen,
  podsOf,
  say,
  setPod,
  terminated,
  waiting,
} from '../cluster/player.ts';
import { openSimulatedPlace } from '../cluster/simulatedPlace.ts';

let place: Awaited<ReturnType<typeof openSimulatedPlace>>;
let folder: string;
const KEY = 'AKIAIOSFODNN7EXAMPL3';
const ALERT = 'alertname=KubePodCrashLooping,namespace=knative-lambda,deployment=checkout';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
  place = await openSimulatedPlace();
  const draft = { namespace: 'knative-lambda', name: 'checkout' };
  await createNamespace(place, draft.namespace);
  const env = [
    { name: 'DB_PASSWORD', value: 'correct-horse-battery' },
    { name: 'DB_HOST', value: 'ledger-db' },
  ];
  await create(place, deployment({ ...draft, container: { env } }));
  const [pod] = await podsOf(place, draft);
  if (!pod) throw new Error('no pod');
  const lines = [`signing with ${KEY}`, 'FATAL: database "ledger" does not exist'];
  await say(place, pod, lines);
  await say(place, pod, lines, { previous: true });
  const state = waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container=main');
  await setPod(place, pod, { containers: { main: { restartCount: 6, state, lastState: terminated(1) } } });
  await happen(place, pod, { reason: 'BackOff', message: 'Back-off restarting failed container main', count: 6 });
  const containers = { main: { cpuMilli: 120, memoryMi: 64 } };
  await place.tell({ pods: [{ namespace: draft.namespace, name: pod.metadata.name, containers }] });
});
afterAll(async () => {
  await place.close();
  rmSync(folder, { recursive: true });
});

async function cli(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    env: { KUBECONFIG: place.botKubeconfig, PROMETHEUS_URL: 'none', SIMULATE: 'workspace', USER: 'ana' },
    root: ROOT,
    stdout: { columns: 120, write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    signal: AbortSignal.timeout(60_000),
  });
  return { code, out: out.join(''), err: err.join('') };
}

const file = (name: string) => join(folder, name);
/** A first look lists what it read in the order of the answers; what comes before is what it says. */
const said = (out: string) => out.split(/\n\nNAME +READ/)[0];

describe('a snapshot that is saved and replayed', () => {
  test('gives the first look of an alert word for word', async () => {
    const live = await cli('snapshot', 'save', '--alert', ALERT, '--query', 'checkout is down', file('alert.json'));
    expect(live).toMatchObject({ code: 0, err: expect.stringContaining('snapshot replay') });
    expect(live.out).toContain('database "ledger" does not exist');
    expect(await cli('snapshot', 'replay', file('alert.json'))).toEqual({ code: 0, out: live.out, err: '' });
  });

  test.each([
    ['all.json', ['diag', 'all', '-n', 'knative-lambda']],
    ['pods.json.gz', ['diag', 'pods', '-n', 'knative-lambda']],
    ['logs.json', ['diag', 'logs', 'checkout', '-n', 'knative-lambda']],
    ['events.json', ['diag', 'events', '-n', 'knative-lambda']],
    ['top.json', ['diag', 'top', 'pods', '-n', 'knative-lambda']],
    ['rollouts.json', ['diag', 'rollouts', '-n', 'knative-lambda']],
    ['nodes.json', ['diag', 'nodes']],
  ])('gives the same answer: %s', async (name, command) => {
    const live = await cli('snapshot', 'save', file(name), ...command);
    expect(live.code).toBe(0);
    const again = await cli('snapshot', 'replay', file(name));
    expect({ code: again.code, said: said(again.out) }).toEqual({ code: 0, said: said(live.out) });
  });

  test('answers other questions from what was read, and says of what was not that it is not in it', async () => {
    await cli('snapshot', 'save', file('other.json'), 'diag', 'all', '-n', 'knative-lambda');
    const pods = await cli('diag', '--snapshot', file('other.json'), 'pods', '-n', 'knative-lambda');
    expect(pods.out).toMatch(/checkout-\S+ +0\/1 +CrashLoopBackOff/);
    const run = await cli('run', '--snapshot', file('other.json'), 'diag jobs -n elsewhere');
    expect(run).toMatchObject({ code: 1, out: expect.stringContaining('not in this snapshot') });
  });

  test('holds no secret of a log or of the environment, and no value of a name that says it is one', async () => {
    await cli('snapshot', 'save', file('secrets.json'), 'diag', 'all', '-n', 'knative-lambda');
    const text = readFileSync(file('secrets.json'), 'utf8');
    expect(text).not.toContain(KEY);
    expect(text).not.toContain('correct-horse-battery');
    expect(text).toContain('ledger-db');
  });

  test('is an exercise on paper: the alert is told and the diagnosis is not', async () => {
    await cli('snapshot', 'save', '--alert', ALERT, '--query', 'checkout is down', file('drill.json'));
    const { code, out } = await cli('drill', '--snapshot', file('drill.json'));
    expect(code).toBe(0);
    expect(out).toMatch(/^DRILL drill.*\n“checkout is down”\nKubePodCrashLooping namespace=knative-lambda/);
    expect(out).not.toContain('does not exist');
  });
});

describe('what is no snapshot', () => {
  const replayOf = async (name: string, text: string | Buffer) => {
    writeFileSync(file(name), text);
    return cli('snapshot', 'replay', file(name));
  };

  test.each([
    ['no JSON', 'kind: List', /is not JSON/],
    ['another JSON', '{"kind":"List","items":[]}', /is not a snapshot: id:/],
    [
      'an object without a kind',
      '{"id":"a","now":"2026-11-30T10:00:00Z","namespace":null,"objects":[{}]}',
      /objects\.0\./,
    ],
    ['no moment', '{"id":"a","now":"yesterday","namespace":null,"objects":[]}', /now: yesterday is not a time/],
    ['half a packed file', Buffer.from([0x1f, 0x8b, 8, 0]), /cannot be unpacked/],
  ])('is refused with what is wrong: %s', async (_what, text, words) => {
    const { code, err } = await replayOf('bad.json', text);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(words) });
  });

  test('a file that is not there, one that is there already, and labels that are none', async () => {
    expect(await cli('snapshot', 'replay', file('none.json'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/none\.json cannot be read/),
    });
    writeFileSync(file('mine.json'), 'mine');
    expect(await cli('snapshot', 'save', file('mine.json'), 'diag', 'pods', '-n', 'knative-lambda')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/cannot be written/),
    });
    expect(readFileSync(file('mine.json'), 'utf8')).toBe('mine');
    expect(await cli('snapshot', 'save', '--alert', 'pod web-1', file('x.json'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is not a label of an alert/),
    });
    expect(await cli('snapshot', 'save', '--alert', 'pod=web-1', file('x.json'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/needs a name/),
    });
  });
});
