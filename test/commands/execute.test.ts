import { describe, expect, it } from '@jest/globals';
import { ResponderError } from '../../src/errors.ts';
import { alertOf, IN_THREAD, incident, NOW, OOM, run, World, withIncident } from './fakes.ts';

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

  it('suggests something for two slips in two words', async () => {
    const answer = await run(new World(), 'diga jbos');
    expect(answer.next.map(({ command }) => command)).toContain('diag jobs');
  });

  it('reads a diagnostic although diag was left out', async () => {
    const world = new World();
    await run(world, 'logs checkout');
    expect(world.requests[0]).toMatchObject({ diagnostic: 'logs', name: 'checkout' });
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
    const answer = await run(new World(), 'diag top pods -o wide');
    expect(answer.next[0]?.command).toBe('diag top pods');
  });

  it.each(['wide', 'json', 'yaml'])('asks for a file as -o %s where one can carry it', async (output) => {
    const world = new World();
    await run(world, `diag jobs -o ${output}`);
    expect(world.requests).toMatchObject([{ diagnostic: 'jobs', output }]);
    expect((await run(world, 'diag jobs -o xml')).title).toContain('is no form of a file');
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

  it('is tried again by its job when the store failed, and answers at a terminal that it did', async () => {
    const world = withIncident();
    world.answer = () => {
      throw new ResponderError('store_unavailable', 'the database failed');
    };
    await expect(run(world, 'diag jobs', IN_THREAD)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(run(world, 'diag jobs', { door: 'button' })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await run(world, 'diag jobs', { door: 'terminal' })).toMatchObject({ tone: 'error' });
  });

  it('answers although the timeline cannot be written, and says so', async () => {
    const world = withIncident();
    world.recordFails = true;
    const answer = await run(world, 'diag jobs', IN_THREAD);
    expect(answer.table?.total).toBe(2);
    expect(answer.notes.join()).toContain('Not written to the timeline');
  });
});
