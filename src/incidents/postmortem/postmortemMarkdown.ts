import { counted, severityName } from '../../wording/counts.ts';
import { utc } from '../../wording/instants.ts';
import { exact } from '../../wording/lengths.ts';
import type { StepMark } from '../runbookSteps.ts';
import { markdownLink, markdownTable, markdownText } from './markdown.ts';
import type { PostMortem } from './postmortem.ts';
import { appendixOf, diagnosticsOf } from './postmortemAppendix.ts';
import { definitionsOf, NO_PICTURES, type Pictures, reference, withPictures } from './postmortemPictures.ts';
import { arrows, howResolved } from './postmortemSummary.ts';
import { timelineOf, who } from './postmortemTimeline.ts';

/**
 * The post-mortem as Markdown: what the record knows, and headings for what only people know. Whatever labels, notes and
 * logs hold stays text. Times are UTC with their date.
 */
export function postmortemMarkdown(pm: PostMortem, pictures: Pictures = NO_PICTURES): string {
  const { course, charts } = pictures;
  const sections = [
    `# ${pm.drill ? 'DRILL: ' : ''}Post-mortem of incident ${pm.number}: ${markdownText(pm.title)}`,
    ...(pm.drill ? ['**DRILL.** This was an exercise; it is not counted in statistics.'] : []),
    factsOf(pm),
    `## Summary\n\n${markdownText(pm.summary)}\n\n_Written from the record; say here what it meant for users._`,
    `## Impact\n\n${withPictures(
      impactOf(pm),
      charts.map(({ alt }, at) => reference(alt, `chart-${at + 1}`)),
    )}`,
    `## Times\n\n${timesOf(pm)}`,
    `## Timeline (UTC)\n\n${withPictures(timelineOf(pm.timeline), course === null ? [] : [reference(course.alt, 'course')])}`,
    `## Diagnostics\n\n${diagnosticsOf(pm)}`,
    `## Response\n\n${responseOf(pm)}`,
    `## Root cause and contributing factors\n\n${rootCauseOf(pm)}`,
    ...FOR_PEOPLE,
    `## About this record\n\n${recordOf(pm)}`,
    `## Appendix: what was read\n\n${appendixOf(pm)}`,
    LINT,
    ...definitionsOf(pictures),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Sentences and rows are not wrapped: what they say has no width. */
const LINT = '<!-- markdownlint-disable-file MD013 -->';

/** What no record knows. */
const FOR_PEOPLE = [
  '## What went well\n\n_What helped, and should stay._',
  '## What went badly\n\n_What cost time, and what was missing._',
  '## Where we got lucky\n\n_What could have made it worse._',
  `## Action items\n\n${markdownTable(
    ['Action', 'Kind (prevent, detect, mitigate, process)', 'Owner', 'Due', 'Ticket'],
    [['', '', '', '', '']],
  )}`,
];

/** What the diagnosis proposes, with its way from cause to symptom and what decided it; the rest is for people. */
function rootCauseOf({ causes }: PostMortem): string {
  const asked = '_What made it possible, what set it off, and how you know._';
  const proposed = causes.map(({ conclusion, confidence, path, because }) => {
    const lines = [
      `- **Proposed by the diagnosis (${confidence === 'confirmed' ? 'confirmed' : 'likely'}):** ${markdownText(conclusion)}`,
      ...(path === undefined ? [] : [`  - ${markdownText(arrows(path))}`]),
      ...because.slice(0, 3).map((line) => `  - ${markdownText(line)}`),
    ];
    return lines.join('\n');
  });
  return [...(proposed.length > 0 ? [proposed.join('\n')] : []), asked].join('\n\n');
}

function factsOf(pm: PostMortem): string {
  const now = severityName(pm.severity);
  const worst = pm.peakSeverity === pm.severity ? '' : `, at worst ${severityName(pm.peakSeverity)}`;
  const facts: readonly (readonly [string, string])[] = [
    ['Status', pm.resolution === null ? pm.status : howResolved(pm)],
    ['Severity', `${now}${worst} (${pm.severityReason})`],
    ['Where', [pm.cluster, pm.namespace, `${pm.subject.kind} ${pm.subject.name}`].filter(Boolean).join(' / ')],
    ['Started', utc(pm.times.startedAt)],
    ['Opened', utc(pm.times.openedAt)],
    ['Acknowledged', utc(pm.times.acknowledgedAt)],
    ['Mitigated', utc(pm.times.mitigatedAt)],
    ['Resolved', utc(pm.times.resolvedAt)],
  ];
  return facts.map(([name, value]) => `- **${name}:** ${markdownText(value)}`).join('\n');
}

function impactOf(pm: PostMortem): string {
  if (pm.impact.length === 0) return 'It has no alerts.';
  return markdownTable(
    ['Alert', 'Alerts', 'Affected', 'From (UTC)', 'Until (UTC)', 'For'],
    pm.impact.map((each) => [
      each.alert,
      each.firing > 0 ? `${each.alerts} (${each.firing} firing)` : String(each.alerts),
      each.objects.join(', ') || 'not named',
      utc(each.firstStartedAt),
      each.lastEndedAt === null ? 'still firing' : utc(each.lastEndedAt),
      each.lastEndedAt === null
        ? `${exact(pm.generatedAt - each.firstStartedAt)} so far`
        : exact(each.lastEndedAt - each.firstStartedAt),
    ]),
  );
}

function timesOf(pm: PostMortem): string {
  const figures = pm.figures.map((figure) => [
    figure.name,
    figure.ms === null ? 'not recorded' : exact(figure.ms),
    figure.definition,
  ]);
  const spent = pm.timeInSeverity.map(({ severity, ms }) => [
    `Time as ${severityName(severity)}`,
    exact(ms),
    'from opening to resolution, or until this was written',
  ]);
  return markdownTable(['Figure', 'Value', 'Definition'], [...figures, ...spent]);
}

function responseOf(pm: PostMortem): string {
  const lines = pm.responders.map(({ actor, acts }) => `- ${who(actor)}: ${counted(acts, 'entry', 'entries')}`);
  if (lines.length === 0) lines.push('- No person acted on it.');
  lines.push(
    pm.playbook === null
      ? '- Runbook: none.'
      : `- Runbook: ${markdownText(pm.playbook.title)} (${markdownText(pm.playbook.id)})${stepsInWords(pm)}`,
    ...pm.steps.map(stepLine),
  );
  if (pm.previousNumber !== null) lines.push(`- Before: incident ${pm.previousNumber} was about the same.`);
  if (pm.mergedInto !== null) lines.push(`- It was merged into incident ${pm.mergedInto}.`);
  for (const { number, why } of pm.related) lines.push(`- Possibly related: incident ${number} (${markdownText(why)})`);
  for (const { what, url } of pm.links) lines.push(`- ${markdownLink(what, url)}`);
  return lines.join('\n');
}

function stepsInWords({ steps }: PostMortem): string {
  if (steps.length === 0) return ': no step was run or ticked off.';
  const done = steps.filter((step) => step.state === 'done').length;
  const skipped = steps.filter((step) => step.state === 'skipped').length;
  const of = Math.max(...steps.map((step) => step.of));
  return `: ${done} of ${of} steps done${skipped === 0 ? '' : `, ${skipped} skipped`}.`;
}

function stepLine({ number, text, ran, mark }: PostMortem['steps'][number]): string {
  const said = (verb: string, one: StepMark): string => {
    const why = one.reason === '' ? '' : ` (${markdownText(one.reason)})`;
    return `${verb} by ${who(one.actor)} ${utc(one.at)}${why}`;
  };
  const acts = [ran === null ? [] : [said('run', ran)], mark === null ? [] : [said(mark.act, mark)]].flat();
  return `  - ${number}. ${markdownText(text)}: ${acts.join(', ') || 'opened again'}`;
}

function recordOf(pm: PostMortem): string {
  const lines = pm.gaps.map((gap) => `- ${markdownText(gap)}`);
  lines.push(`- Written by lambda-responder on ${utc(pm.generatedAt)} from its own record.`);
  return lines.join('\n');
}
