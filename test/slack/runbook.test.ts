import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { progressOf } from '../../src/commands/runbookProgress.ts';
import { stepEntry } from '../../src/incidents/runbookSteps.ts';
import { sentenceOf } from '../../src/incidents/sentence.ts';
import type { AnswerTarget } from '../../src/slack/ports.ts';
import { sizeOf } from '../../src/slack/render/blocks.ts';
import { renderRunbook, STEPS_ON_A_PAGE } from '../../src/slack/render/runbook.ts';
import { type Bench, startBench } from './bench.ts';
import { refusals } from './blockKit.ts';
import { alert, incident, known, playbook, START } from './samples.ts';

const ANA = { type: 'slack', id: 'U0ANA', name: 'ana' } as const;
const act = (number: number, what: 'ran' | 'done' | 'skipped', reason = '') =>
  stepEntry({
    runbook: playbook().id,
    key: String(number - 1),
    number,
    of: 5,
    text: 'x',
    act: what,
    reason,
    invocation: `i${number}`,
    actor: ANA,
    at: START,
  });
const shownSteps = (entries: readonly ReturnType<typeof act>[], view = playbook(), page: number | null = null) => {
  const timeline = entries.map((entry, id) => ({
    ...entry,
    id,
    incidentNumber: 12,
    recordedAt: START,
    permalink: null,
  }));
  return renderRunbook({
    known: known(),
    playbook: view,
    progress: progressOf(view, incident(), timeline),
    page,
    simulated: false,
  });
};
const manySteps = (count: number, text: string, command: string) =>
  playbook({
    steps: Array.from({ length: count }, (_, index) => ({
      index,
      text: `${index + 1} ${text}`,
      commands: Array.from({ length: 9 }, () => command),
      automatic: false,
      section: `Section ${index % 3}`,
    })),
  });

describe('the steps in Slack', () => {
  test('have the same commands behind their buttons as people type', () => {
    const text = JSON.stringify(shownSteps([]).blocks);
    for (const value of ['#12 runbook run 1', '#12 runbook done 1', '#12 runbook skip 1', '#12 runbook done 5'])
      expect(text).toContain(`"${value}"`);
    // Nothing to run in a step without commands.
    expect(text).not.toContain('#12 runbook run 3');
  });

  test('show what was done by whom, the progress, and what is next', () => {
    const { text, blocks } = shownSteps([act(1, 'ran'), act(1, 'done'), act(2, 'skipped', 'no logs')]);
    const all = JSON.stringify(blocks);
    expect(text).toBe('Runbook of #12: BuildOOMKilled, 1 of 5 steps, 1 skipped');
    expect(all).toContain('✅ *1.* See which build died');
    expect(all).toMatch(/_run by_ <@U0ANA> .*_done by_ <@U0ANA>/);
    expect(all).toContain('no logs');
    expect(all).toContain('👉 *3.*');
    expect(all).toContain('#12 runbook undo 1');
    expect(all).not.toContain('#12 runbook done 1');
  });

  test('strike a branch that the confirmed cause excludes, say why, and put what mends the cause first', () => {
    const steps = ['OOMKilled: memory.', '`ImagePullBackOff`: the image.', 'Ran out of memory: raise the limit.'];
    const section = (index: number) => (index < 2 ? 'Diagnosis' : 'Mitigation');
    const view = playbook({
      steps: steps.map((text, index) => ({ index, text, commands: [], automatic: false, section: section(index) })),
    });
    const cause = { code: 'oom-killed', brief: 'builder OOMKilled (limit 1Gi)', isSure: true };
    const { incident: plain, alerts } = known();
    const told = { ...plain, sentence: { ...sentenceOf(plain), causes: [cause] } };
    const { blocks } = renderRunbook({
      known: { incident: told, alerts },
      playbook: view,
      progress: progressOf(view, told, []),
      page: null,
      simulated: false,
    });
    const all = JSON.stringify(blocks);
    expect(all.indexOf('👉 *3.*')).toBeLessThan(all.indexOf('*1.*'));
    expect(all).toContain('🎯 _for the confirmed cause:_ builder OOMKilled (limit 1Gi)');
    expect(all).toContain("🚫 *2.* ~'ImagePullBackOff': the image.~");
    expect(all).toContain('_excluded, the cause is another:_ builder OOMKilled (limit 1Gi)');
    expect(all).toContain('0 of 3 steps, 1 excluded');
  });

  test('tell nobody to type a slash command, which a thread does not take', () => {
    expect(JSON.stringify(shownSteps([]).blocks)).not.toContain('/lambda');
  });

  test('keep a command for the terminal as code', () => {
    const view = playbook({
      steps: [{ index: 0, text: 'Type `kubectl get pods` now', commands: [], automatic: false }],
    });
    expect(JSON.stringify(shownSteps([], view).blocks)).toContain('Type `kubectl get pods` now');
  });

  test('of a long runbook come in pages around the step that is next', () => {
    const view = manySteps(40, 'a step', 'diag pods');
    const first = JSON.stringify(shownSteps([], view).blocks);
    expect(first).toContain('*1.*');
    expect(first).toContain(`Steps ${STEPS_ON_A_PAGE + 1}–${2 * STEPS_ON_A_PAGE} ▶`);
    const later = JSON.stringify(
      shownSteps(
        Array.from({ length: 7 }, (_, at) => act(at + 1, 'done')),
        view,
      ).blocks,
    );
    expect(later).toContain('👉 *8.*');
    expect(later).not.toContain('*1.*');
    expect(JSON.stringify(shownSteps([], view, 99).blocks)).toContain('*40.*');
  });

  test.each([
    ['long texts', 'x'.repeat(3_000), 'diag logs'],
    ['text that grows when escaped', '<&>'.repeat(1_000), 'diag logs'],
    ['backticks without a partner', '`a'.repeat(999), 'diag logs'],
    ['code and mentions', '`<!channel>` <@U0ANA> '.repeat(100), '<!here>'],
    ['commands of 4,000 characters', 'a step', 'd'.repeat(4_000)],
    ['emoji', '👩‍👩‍👧‍👦'.repeat(400), 'diag logs'],
    ['nothing', '', ''],
  ])('stay within Slack’s limits with %s', (_what, text, command) => {
    const view = manySteps(200, text, command);
    for (const page of [1, 2, 34]) {
      const rendered = shownSteps([], { ...view, title: text, missing: Array(50).fill(text) }, page);
      expect(refusals(rendered.blocks)).toEqual([]);
      expect(sizeOf(rendered.blocks)).toBeLessThan(11_000);
      expect(JSON.stringify(rendered.blocks)).not.toMatch(/<!(?:channel|here)>|<@U0ANA>/);
    }
  });
});

describe('the message with the steps', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
    const now = Date.now();
    bench.ports.known.set(12, known({ number: 12, openedAt: now, startedAt: now }, [alert()]));
    await bench.door.delivery.deliverCard(12, bench.signal);
  });
  afterEach(() => bench.close());

  const card = async () => (await bench.people.messages('#incidents')).find((one) => one.text.includes('SEV2'));
  const thread = async () => {
    const parent = await card();
    return (await bench.people.messages('#incidents', { thread: parent?.ts ?? '' })).filter(
      (one) => one.ts !== parent?.ts,
    );
  };
  const asking = async (parts: Partial<AnswerTarget> = {}): Promise<AnswerTarget> => ({
    invocationId: 'press:1',
    door: 'button',
    command: 'runbook',
    user: 'U0ANA',
    channel: (await card())?.channel ?? null,
    threadTs: (await card())?.ts ?? null,
    inThread: false,
    responseUrl: null,
    responseUrlExpiresAt: null,
    replacesOriginal: false,
    ...parts,
  });
  const deliver = (target: AnswerTarget | null) =>
    bench.door.delivery.deliverRunbook({ incidentNumber: 12, page: null, target }, bench.signal);

  test('is posted once into the card’s thread and edited in place as steps are done', async () => {
    await deliver(null);
    expect(await thread()).toHaveLength(0);
    await deliver(await asking());
    bench.ports.entries.push({ incident: 12, entry: act(1, 'done') });
    await deliver(null);
    const shown = await thread();
    expect(shown).toHaveLength(1);
    expect(shown[0]?.text).toContain('1 of 5 steps');
  });

  test('stays on the page it was turned to while it is only brought up to date', async () => {
    bench.ports.served.view = manySteps(40, 'a step', 'diag pods');
    await deliver(await asking());
    const target = await asking({ command: 'runbook --page 3' });
    await bench.door.delivery.deliverRunbook({ incidentNumber: 12, page: 3, target }, bench.signal);
    bench.ports.entries.push({ incident: 12, entry: act(1, 'done') });
    await deliver(null);
    const all = JSON.stringify(await thread());
    expect(all).toContain('1 of 40 steps');
    expect(all).toMatch(/runbook --page 2\b.*runbook --page 4\b/);
  });

  test('asked for again leads to the one that is there', async () => {
    await deliver(await asking());
    await deliver(await asking({ user: 'U0JUN' }));
    expect(await thread()).toHaveLength(1);
    expect(JSON.stringify(await bench.people.ephemerals('jun'))).toContain('The steps of #12');
  });

  test('deleted by a person comes back only when asked for', async () => {
    await deliver(await asking());
    const [message] = await thread();
    const body = new URLSearchParams({ channel: message?.channel ?? '', ts: message?.ts ?? '' });
    const headers = { authorization: `Bearer ${bench.workspace.botToken}` };
    await fetch(`${bench.workspace.apiUrl}chat.delete`, { method: 'POST', headers, body });
    bench.ports.entries.push({ incident: 12, entry: act(1, 'done') });
    await deliver(null);
    expect(await thread()).toHaveLength(0);
    await deliver(await asking());
    expect(await thread()).toHaveLength(1);
  });

  test('is not posted twice when the responder dies between Slack’s answer and the commit', async () => {
    bench.ports.crash.commits = 1;
    await expect(deliver(await asking())).rejects.toThrow('killed');
    await deliver(await asking());
    expect(await thread()).toHaveLength(1);
  });

  test('the card tells the progress', async () => {
    bench.ports.entries.push({ incident: 12, entry: act(1, 'done') }, { incident: 12, entry: act(2, 'done') });
    await bench.door.delivery.deliverCard(12, bench.signal);
    const shown = JSON.stringify((await card())?.blocks);
    expect(shown).toContain('*2 of 5 steps*');
    expect(shown).toContain('✅ Read its last lines');
    expect(shown).toContain('☐ Raise the memory limit');
  });
});
