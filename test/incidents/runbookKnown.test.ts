import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { progressOf } from '../../src/commands/runbookProgress.ts';
import { CAUSE_TOPICS } from '../../src/incidents/causeTopics.ts';
import { type Actor, type Cause, type Incident, RESPONDER } from '../../src/incidents/incident.ts';
import { progressInWords } from '../../src/incidents/runbookKnown.ts';
import { stepEntry } from '../../src/incidents/runbookSteps.ts';
import { sentenceOf } from '../../src/incidents/sentence.ts';
import type { TimelineDraft, TimelineEntry } from '../../src/incidents/timeline.ts';
import { CODES } from '../../src/k8s/rules/codes.ts';
import { parsePlaybook } from '../../src/playbooks/parsePlaybook.ts';
import { createRunbooks } from '../../src/playbooks/runbooks.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';

const AT = Date.UTC(2026, 10, 24, 3, 30);
const ANA: Actor = { type: 'slack', id: 'U0ANA', name: 'ana' };
const OOM: Cause = { code: 'oom-killed', brief: 'Deployment builder OOMKilled (limit 1Gi)', isSure: true };

function caused(causes: readonly Cause[], action: string | null = null, parts: Partial<Incident> = {}): Incident {
  const incident = incidentAt(AT, parts);
  return { ...incident, sentence: { ...sentenceOf(incident), causes, action } };
}

/** A shipped runbook, as it is shown for an alert of its name. */
function shipped(id: string) {
  const file = join(import.meta.dirname, '../../runbooks', `${id}.md`);
  const { playbook } = parsePlaybook(id, file, readFileSync(file, 'utf8'));
  if (!playbook) throw new Error(`${id} cannot be read`);
  const name = id.split('/')[1] ?? '';
  const alert = incidentAlertAt(AT, { name, labels: { alertname: name, namespace: 'knative-lambda' } });
  const view = createRunbooks([playbook], { baseUrl: null }).forIncident({
    incident: incidentAt(AT, { playbookId: id }),
    alerts: [alert],
  });
  if (!view) throw new Error(`${id} serves nothing`);
  return view;
}

function entries(...drafts: readonly TimelineDraft[]): readonly TimelineEntry[] {
  return drafts.map((draft, id) => ({ ...draft, id, incidentNumber: 1, recordedAt: draft.at, permalink: null }));
}

const look = (commands: readonly { command: string; ok?: boolean; summary: string }[]): TimelineDraft => ({
  kind: 'first_look',
  at: AT + 5_000,
  actor: RESPONDER,
  text: 'first look',
  detail: { commands },
});

/** What is said of the steps: their numbers by what they are. */
function told(id: string, incident: Incident, timeline: readonly TimelineEntry[] = []) {
  const view = shipped(id);
  const progress = progressOf(view, incident, timeline);
  const where = (test: (index: number) => boolean) =>
    view.steps.filter(({ index }) => test(index)).map(({ text }) => text.split(/[:,]/)[0]);
  return {
    fits: where((index) => progress.known[index]?.fits !== null),
    excluded: where((index) => progress.known[index]?.excluded !== null),
    next: progress.current === null ? null : view.steps[progress.current]?.text.split(/[:,]/)[0],
    words: progressInWords(progress),
    progress,
    view,
  };
}

describe('a runbook and the confirmed cause', () => {
  const ID = 'knative-lambda/KnativeLambdaOperatorDown';

  test('the branch of the cause is marked, the others are excluded with the reason, and what mends it comes first', () => {
    const { fits, excluded, next, progress } = told(ID, caused([OOM]));
    expect(fits).toEqual(['`OOMKilled`', 'Ran out of memory']);
    expect(excluded).toEqual([
      'Exit 1 with a configuration error in the last lines',
      '`ImagePullBackOff`',
      '`leader election lost` or `context deadline exceeded`',
      'Pending with `Insufficient` or a taint',
    ]);
    expect(next).toBe('Ran out of memory');
    expect(progress.known.find((one) => one.excluded)?.excluded).toBe(OOM.brief);
  });

  test('a cause that came with a release puts the rollback first', () => {
    const { fits } = told(ID, caused([OOM], 'Roll back to v1.9.4'));
    expect(fits).toEqual(['`OOMKilled`', 'Began with a release', 'Ran out of memory']);
  });

  test.each([
    ['likely only', [{ ...OOM, isSure: false }]],
    ['not known', []],
    ['one no runbook speaks of', [{ code: 'paused', brief: 'Deployment builder is paused', isSure: true }]],
  ])('nothing is excluded while the cause is %s', (_what, causes: readonly Cause[]) => {
    const { fits, excluded, next } = told(ID, caused(causes));
    expect([fits, excluded, next]).toEqual([[], [], 'See its pods and why they are not ready.']);
  });

  test('a second cause keeps its own branch', () => {
    const image: Cause = { code: 'image-not-found', brief: 'image builder:v2 not found', isSure: false };
    const { excluded } = told(ID, caused([OOM, image]));
    expect(excluded).not.toContain('`ImagePullBackOff`');
    expect(excluded).toContain('Pending with `Insufficient` or a taint');
  });

  test('nothing of a section is excluded when no step of it fits', () => {
    const quota: Cause = { code: 'quota-full', brief: 'quota compute is full', isSure: true };
    expect(told(ID, caused([quota])).excluded).toEqual([]);
  });

  test('of an image that cannot be pulled, its own reason is told from the others', () => {
    const cause: Cause = { code: 'image-unauthorized', brief: 'pull of builder refused', isSure: true };
    const { fits, excluded } = told('knative-lambda/KnativeLambdaBuildImagePullBackOff', caused([cause]));
    expect(fits).toEqual(['`401` or `403`', 'Renew the pull Secret from where it is kept.']);
    expect(excluded).toContain('`not found` or `manifest unknown`');
  });

  test('every code that a kind of cause names is one of the diagnosis', () => {
    const known = Object.keys(CODES);
    for (const { name, codes } of CAUSE_TOPICS)
      for (const code of codes) {
        const meant = code.endsWith('*')
          ? known.some((one) => one.startsWith(code.slice(0, -1)))
          : known.includes(code);
        expect([name, code, meant]).toEqual([name, code, true]);
      }
  });
});

describe('what is known ticks a step', () => {
  const ID = 'knative-lambda/KnativeLambdaOperatorDown';
  const commands = shipped(ID)
    .steps.slice(0, 3)
    .flatMap((step) => step.commands);
  const answered = commands.map((command) => ({ command, ok: true, summary: `${command}: 2 rows` }));

  test('what the first look ran is done, with its result and when', () => {
    const { words, next, progress } = told(ID, caused([]), entries(look(answered)));
    expect(words).toMatch(/^3 of \d+ steps$/);
    expect(next).toBe('Acknowledge');
    expect(progress.known[0]).toMatchObject({ result: answered[0]?.summary, proof: { what: 'run', at: AT + 5_000 } });
  });

  test('what failed there is not', () => {
    const failed = answered.map((one, at) => (at === 0 ? { ...one, ok: false } : one));
    expect(told(ID, caused([]), entries(look(failed))).next).toBe('See its pods and why they are not ready.');
    // An older look did not keep whether it worked.
    const unsure = answered.map(({ command, summary }) => ({ command, summary }));
    expect(told(ID, caused([]), entries(look(unsure))).words).toMatch(/^0 of/);
  });

  test('a person who opens it again is heard', () => {
    const view = shipped(ID);
    const undo = stepEntry({
      runbook: view.id,
      key: view.steps[0]?.key ?? '',
      number: 1,
      of: view.steps.length,
      text: 'x',
      act: 'reopened',
      reason: '',
      invocation: 'i1',
      actor: ANA,
      at: AT + 60_000,
    });
    expect(told(ID, caused([]), entries(look(answered), undo)).next).toBe('See its pods and why they are not ready.');
  });

  test('acknowledging is done when the incident is, and only with the note where one is asked for', () => {
    const acknowledged = { status: 'acknowledged', acknowledgedAt: AT + 20_000, acknowledgedBy: ANA } as const;
    const note: TimelineDraft = { kind: 'note', at: AT + 30_000, actor: ANA, text: 'functions answer', detail: {} };
    const proofOf = (...drafts: readonly TimelineDraft[]) =>
      told(ID, caused([], null, acknowledged), entries(...drafts)).progress.known[3]?.proof;
    expect(proofOf()).toBeNull();
    expect(proofOf(note)).toMatchObject({ what: 'acknowledged, with a note', actor: ANA });
    expect(told(ID, caused([]), entries(note)).progress.known[3]?.proof).toBeNull();
  });
});
