import { describe, expect, it } from '@jest/globals';
import { execute } from '../../src/commands/execute.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { ResponderError } from '../../src/errors.ts';
import { alertOf, incident, invocation, NOW, resultOf, SETTINGS, World } from './fakes.ts';

const signal = new AbortController().signal;

function run(world: World, text: string, parts: Partial<Invocation> = {}) {
  return execute(invocation(text, parts), world.ports(), signal);
}

const OOM = {
  incident: incident({ number: 12, channel: 'CINC' }),
  alerts: [
    alertOf(12, {
      alertname: 'KnativeLambdaBuildOOMKilled',
      namespace: 'knative-lambda-builds',
      pod: 'image-resizer-build-1761132332-x7k2p',
      container: 'kaniko',
    }),
  ],
};
const IN_THREAD = { place: { channel: 'CINC', threadTs: '1.1', external: false } } as const;

function withIncident(): World {
  const world = new World([OOM]);
  world.places.set('CINC/1.1', 12);
  return world;
}

describe('the documented bare forms', () => {
  it('reads build Jobs from the builds namespace', async () => {
    const world = new World();
    await run(world, 'diag jobs');
    expect(world.requests[0]).toMatchObject({
      diagnostic: 'jobs',
      namespace: 'knative-lambda-builds',
      selector: null,
      allNamespaces: false,
    });
  });

  it('reads the last 100 lines of the builder’s logs', async () => {
    const world = new World();
    await run(world, 'diag logs');
    expect(world.requests[0]).toMatchObject({
      namespace: 'knative-lambda',
      selector: 'app=knative-lambda-builder',
      tail: 100,
      name: null,
    });
  });

  it('sorts events by their last timestamp', async () => {
    const world = new World();
    await run(world, 'diag events');
    expect(world.requests[0]).toMatchObject({ namespace: 'knative-lambda', sortBy: '.lastTimestamp' });
  });

  it('reads the usage of the control plane’s pods', async () => {
    const world = new World();
    await run(world, 'diag top pods');
    expect(world.requests[0]).toMatchObject({ diagnostic: 'top pods', namespace: 'knative-lambda' });
  });

  it('says what was assumed and how to change it', async () => {
    const answer = await run(new World(), 'diag logs');
    expect(answer.assumed).toContainEqual({
      what: 'namespace',
      value: 'knative-lambda',
      from: 'the documented default',
      override: '-n NAME',
    });
  });
});

describe('options', () => {
  it('passes kubectl’s options on', async () => {
    const world = new World();
    await run(
      world,
      'diag logs checkout -n knative-lambda -c builder --tail=5 --since 10m -p --filter "out of memory"',
    );
    expect(world.requests[0]).toMatchObject({
      name: 'checkout',
      namespace: 'knative-lambda',
      container: 'builder',
      tail: 5,
      since: NOW - 600_000,
      previous: true,
      filter: 'out of memory',
      selector: null,
    });
  });

  it('keeps the answers of commands that run at once apart', async () => {
    const world = new World();
    await Promise.all([run(world, 'diag jobs -n knative-lambda'), run(world, 'diag jobs')]);
    expect(world.requests.map((request) => request.namespace)).toEqual(['knative-lambda', 'knative-lambda-builds']);
  });

  it('suggests commands for a typo, with the rest of the line kept', async () => {
    const answer = await run(new World(), 'diag jbos -n knative-lambda');
    expect(answer.next[0]).toEqual({
      label: 'diag jobs -n knative-lambda',
      command: 'diag jobs -n knative-lambda',
      readOnly: true,
    });
    expect(answer.next.length).toBeLessThanOrEqual(3);
  });

  it('suggests diag when it was left out', async () => {
    const answer = await run(new World(), 'logs checkout');
    expect(answer.next.map((one) => one.command)).toContain('diag logs checkout');
  });

  it('suggests the nearest option', async () => {
    const answer = await run(new World(), 'diag logs --tial=50');
    expect(answer.next[0]?.command).toBe('diag logs --tail=50');
  });

  it('does not make a button of a suggestion that changes something', async () => {
    const answer = await run(new World(), 'resolv');
    expect(answer.next.find((one) => one.command === 'resolve')?.readOnly).toBe(false);
  });

  it.each(['--as=admin', '--kubeconfig /etc/x', '--server=http://evil', '--token abc', '-s x', '--context prod'])(
    'refuses %s',
    async (flag) => {
      const world = new World();
      const answer = await run(world, `diag jobs ${flag}`);
      expect(answer.title).toContain('not accepted');
      expect(JSON.stringify(answer)).not.toContain('abc');
      expect(world.requests).toEqual([]);
    },
  );

  it('says what -o is not needed for', async () => {
    const answer = await run(new World(), 'diag jobs -o wide');
    expect(answer.next[0]?.command).toBe('diag jobs');
  });

  it('asks whose logs outside the control plane’s namespace', async () => {
    const answer = await run(new World(), 'diag logs -n knative-serving');
    expect(answer.title).toContain('Whose logs');
  });

  it('offers what exists when a name does not', async () => {
    const world = new World();
    world.names = ['checkout-7d9f', 'other'];
    world.answer = () => {
      throw new ResponderError('not_found', 'There is no pod chekout-7d9f in knative-lambda.');
    };
    const answer = await run(world, 'diag logs chekout-7d9f');
    expect(answer.next.map((one) => one.command)).toEqual(['diag logs checkout-7d9f -n knative-lambda']);
  });

  it('offers the pod whose name begins like what was misspelled', async () => {
    const world = new World();
    world.names = ['other-1', 'image-resizer-00001-deployment-6d4f-x2', 'image-resizer-00001-deployment-6d4f-z9'];
    world.answer = () => {
      throw new ResponderError('not_found', 'There is no pod image-resizr in knative-lambda.');
    };
    const answer = await run(world, 'diag logs image-resizr');
    expect(answer.next.map((one) => one.label)).toEqual(['image-resizer-00001-deployment-6d4f-x2']);
  });
});

describe('in an incident’s thread', () => {
  it('takes namespace, object and window from the incident', async () => {
    const world = withIncident();
    const answer = await run(world, 'diag logs', IN_THREAD);
    expect(world.requests[0]).toMatchObject({
      namespace: 'knative-lambda-builds',
      name: 'image-resizer-build-1761132332-x7k2p',
      selector: null,
      since: NOW - 240_000 - 20 * 60_000,
      startedAt: NOW - 240_000,
    });
    expect(answer).toMatchObject({ visibility: 'thread', incidentNumber: 12 });
    expect(answer.assumed.map((one) => one.what)).toEqual(['incident', 'namespace', 'pod', 'since']);
  });

  it('lets what was typed win', async () => {
    const world = withIncident();
    await run(world, 'diag logs -n knative-lambda --since=5m', IN_THREAD);
    expect(world.requests[0]).toMatchObject({
      namespace: 'knative-lambda',
      selector: 'app=knative-lambda-builder',
      name: null,
      since: NOW - 300_000,
    });
  });

  it('reads the incident’s own namespace even when it is not open to commands otherwise', async () => {
    const world = new World([{ ...OOM, incident: incident({ number: 12, namespace: 'team-a' }) }]);
    world.places.set('CINC/1.1', 12);
    await run(world, 'diag pods', IN_THREAD);
    expect(world.requests[0]?.namespace).toBe('team-a');
  });

  it('does not open a namespace by declaring an incident in it', async () => {
    const world = new World([
      { alerts: [], incident: incident({ number: 12, namespace: 'kube-system', declared: true }) },
    ]);
    world.places.set('CINC/1.1', 12);
    const answer = await run(world, 'diag pods', IN_THREAD);
    expect(answer.title).toContain('kube-system is not open');
    expect(world.requests).toEqual([]);
  });

  it('ignores a label no object can have', async () => {
    const world = new World([{ ...OOM, alerts: [alertOf(12, { pod: '../../secrets?x=1' })] }]);
    world.places.set('CINC/1.1', 12);
    await run(world, 'diag events', IN_THREAD);
    expect(world.requests[0]?.name).toBeNull();
  });

  it('puts what ran, with its result, on the timeline', async () => {
    const world = withIncident();
    await run(world, 'diag jobs', IN_THREAD);
    expect(world.entries[0]).toMatchObject({
      number: 12,
      kind: 'command',
      actor: { id: 'UANA' },
      text: '/lambda diag jobs: 1 of 2 failed',
      detail: { ok: true, command: 'diag jobs', excerpt: 'NAME  STATUS\na  Complete\nb  Failed' },
    });
  });

  it('puts a failure on the timeline and tells the asker what to do', async () => {
    const world = withIncident();
    world.answer = () => {
      throw new ResponderError('unreachable', 'The cluster did not answer: connection refused.', {
        hint: 'Check KUBECONFIG.',
      });
    };
    const answer = await run(world, 'diag jobs', IN_THREAD);
    expect(answer).toMatchObject({
      tone: 'error',
      visibility: 'asker',
      title: 'The cluster did not answer: connection refused.',
    });
    expect(answer.summary).toContain('Check KUBECONFIG.');
    expect(world.entries[0]).toMatchObject({ detail: { ok: false, code: 'unreachable' } });
  });

  it('answers although the timeline cannot be written, and says so', async () => {
    const world = withIncident();
    world.recordFails = true;
    const answer = await run(world, 'diag jobs', IN_THREAD);
    expect(answer.table?.total).toBe(2);
    expect(answer.notes.join()).toContain('Not written to the timeline');
  });
});

describe('which incident is meant', () => {
  it('takes the only open one for reading, says so, and keeps the documented defaults', async () => {
    const world = new World([OOM]);
    const answer = await run(world, 'diag events');
    expect(world.requests[0]?.namespace).toBe('knative-lambda');
    expect(answer.assumed[0]).toMatchObject({ what: 'incident', value: '#12', from: 'the only open one' });
  });

  it('takes the one this person touched last when several are open', async () => {
    const world = new World([
      { alerts: [], incident: incident({ number: 12 }) },
      { alerts: [], incident: incident({ number: 13 }) },
    ]);
    world.touched = [13];
    const answer = await run(world, 'status');
    expect(answer.incidentNumber).toBe(13);
  });

  it('asks which for a change when several are open, even if one was touched', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    world.touched = [13];
    const answer = await run(world, 'ack');
    expect(answer.title).toBe('Which incident?');
    expect(answer.next.map((one) => one.command)).toEqual(['ack 12', 'ack 13']);
    expect(world.changes).toEqual([]);
  });

  it('takes a number', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(world, 'ack #13');
    expect(world.changes).toMatchObject([{ number: 13, change: { kind: 'acknowledge' }, at: NOW }]);
  });

  it('says when there is no such incident', async () => {
    expect((await run(new World(), 'ack 99')).title).toBe('There is no incident #99.');
  });
});

describe('changes', () => {
  it('keeps a note word for word', async () => {
    const world = withIncident();
    await run(world, 'note the build’s —odd— flags: --tail=5 & more', IN_THREAD);
    expect(world.changes[0]?.change).toEqual({ kind: 'note', text: "the build's --odd— flags: --tail=5 & more" });
  });

  it('takes a leading number in a note only where the place does not say which incident', async () => {
    const inThread = withIncident();
    await run(inThread, 'note 12 pods restarted', IN_THREAD);
    expect(inThread.changes[0]).toMatchObject({ number: 12, change: { text: '12 pods restarted' } });
    const outside = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(outside, 'note 13 pods restarted');
    expect(outside.changes[0]).toMatchObject({ number: 13, change: { text: 'pods restarted' } });
  });

  it('changes nothing when the same invocation runs again after a crash', async () => {
    const world = withIncident();
    await run(world, 'note once', IN_THREAD);
    const again = await run(world, 'note once', IN_THREAD);
    expect(world.changes).toHaveLength(1);
    expect(again.title).toBe('Noted on #12.');
  });

  it.each([
    ['resolve rolled back', { kind: 'resolve', note: 'rolled back', dismissed: false }],
    ['resolve --dismiss load test', { kind: 'resolve', note: 'load test', dismissed: true }],
    ['resolve', { kind: 'resolve', note: null, dismissed: false }],
    ['severity p0', { kind: 'setSeverity', severity: 'sev1' }],
    ['mitigate on the old revision', { kind: 'mitigate', note: 'on the old revision' }],
    ['unack', { kind: 'unacknowledge' }],
  ])('%s', async (text, change) => {
    const world = withIncident();
    await run(world, text, IN_THREAD);
    expect(world.changes[0]?.change).toEqual(change);
  });

  it('merges one into another', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(world, 'merge 13 into 12');
    expect(world.changes[0]).toMatchObject({ number: 13, change: { kind: 'mergeInto', target: 12 } });
  });

  it('declares an incident once', async () => {
    const world = new World();
    const text = 'declare customers report timeouts --severity sev2 -n knative-lambda';
    await run(world, text);
    const again = await run(world, text);
    expect(world.incidents).toHaveLength(1);
    expect(again.title).toContain('declared as sev2');
  });
});

describe('who may', () => {
  it.each([
    ['a guest', { membership: 'guest' }],
    ['a stranger', { membership: 'stranger' }],
    ['anyone in an externally shared channel', { place: { channel: 'C', threadTs: null, external: true } }],
  ] as const)('refuses %s', async (_who, parts) => {
    const world = new World();
    const answer = await run(world, 'diag jobs', parts);
    expect(answer).toMatchObject({ tone: 'warning', visibility: 'asker' });
    expect(world.requests).toEqual([]);
  });

  it('refuses a namespace that is not open, naming the setting', async () => {
    const answer = await run(new World(), 'diag pods -n kube-system');
    expect(answer.summary).toContain('access.namespaces');
  });

  it('refuses -A unless it is allowed', async () => {
    expect((await run(new World(), 'diag pods -A')).title).toBe('-A is switched off.');
    const open = new World([], { ...SETTINGS, allowAllNamespaces: true });
    await run(open, 'diag pods -A');
    expect(open.requests[0]).toMatchObject({ allNamespaces: true, namespace: null });
  });

  it('lets a shared terminal token read, note and acknowledge, and nothing more', async () => {
    const terminal = { door: 'terminal', verified: false, place: null, incidentNumber: 12 } as const;
    const world = new World([OOM]);
    await run(world, 'ack', terminal);
    await run(world, 'note seen', terminal);
    const answer = await run(world, 'resolve', terminal);
    expect(answer.title).toBe('resolve needs to know who you are.');
    expect(world.changes).toHaveLength(2);
  });

  it('lets a runbook only read', async () => {
    const world = new World([OOM]);
    const answer = await run(world, 'ack 12', { door: 'runbook' });
    expect(answer.title).toContain('cannot run ack');
  });
});

describe('answers', () => {
  it('names every command and every diagnostic in its help, in what one message shows', async () => {
    const overview = (await run(new World(), 'help')).lines ?? [];
    expect(overview.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(COMMANDS.map(({ name }) => name)),
    );
    const forms = (await run(new World(), 'help diag')).lines ?? [];
    expect(forms.join('\n')).toContain('diag top pods');
    for (const lines of [overview, forms]) expect(lines.length).toBeLessThanOrEqual(25);
  });

  it('gives help for an empty line, for --help and for a topic', async () => {
    expect((await run(new World(), '')).title).toBe('What you can ask');
    expect((await run(new World(), 'diag logs --help')).title).toContain('/lambda diag');
    expect((await run(new World(), 'help note')).title).toContain('/lambda note');
  });

  it('puts the full text into a file when it does not fit a message', async () => {
    const world = new World();
    world.answer = (request) =>
      resultOf(request, { table: null, lines: Array.from({ length: 60 }, (_, n) => `line ${n}`) });
    const answer = await run(world, 'diag logs');
    expect(answer.file?.content).toContain('line 59');
  });

  it('stops without an answer only when it was stopped', async () => {
    const stop = new AbortController();
    const world = new World();
    world.answer = () => {
      stop.abort();
      throw new Error('aborted');
    };
    await expect(execute(invocation('diag jobs'), world.ports(), stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('makes an answer of a defect', async () => {
    const world = new World();
    world.answer = () => {
      throw new TypeError('x is undefined');
    };
    expect(await run(world, 'diag jobs')).toMatchObject({ tone: 'error', visibility: 'asker' });
  });
});
