import { afterAll, expect, test } from '@jest/globals';
import { type PostMortem, postmortem } from '../../src/incidents/postmortem/postmortem.ts';
import { incidentPicture } from '../../src/prometheus/chart/incidentPicture.ts';
import { LINES, THRESHOLD } from '../../src/prometheus/chart/option.ts';
import { createRenderer } from '../../src/prometheus/chart/renderer.ts';
import { story } from '../incidents/postmortem/story.ts';
import { decodePng } from './png.ts';
import { silent } from './servers.ts';

const renderer = createRenderer({ log: silent });
afterAll(() => renderer.close());

const draw = async (pm: PostMortem) =>
  decodePng(await renderer.render(incidentPicture(pm).svg, AbortSignal.timeout(60_000)));

test('the course of an incident shows its states, its alerts and what people did, whatever they are called', async () => {
  const pm = postmortem(story({ alertname: '<b>&"\u0007 \uD800', pod: 'x'.repeat(400) }));
  const picture = await draw(pm);
  for (const colour of [THRESHOLD, LINES[3], LINES[1]]) expect(picture.count(colour)).toBeGreaterThan(100);
  expect(incidentPicture(pm).alt).toMatch(
    /^Course of incident 1 in UTC: started 11:59, opened 12:00, acknowledged 12:02/,
  );
}, 240_000);

test('one that is over at once, and one with very many acts, can be drawn', async () => {
  const pm = postmortem(story());
  const { startedAt } = pm.times;
  const moment = { ...pm.times, openedAt: startedAt, acknowledgedAt: null, resolvedAt: startedAt };
  expect((await draw({ ...pm, times: moment, timeline: [], impact: [], generatedAt: startedAt })).width).toBe(960);
  const [entry] = pm.timeline.filter(({ actor }) => actor.type === 'slack');
  const many = Array.from({ length: 500 }, (_, at) => ({
    ...entry,
    at: startedAt + at * 1_000,
  })) as PostMortem['timeline'];
  expect((await draw({ ...pm, timeline: many })).height).toBeLessThan(1_200);
}, 240_000);
