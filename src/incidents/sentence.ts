import { severityName } from '../wording/counts.ts';
import { cut } from '../wording/cuts.ts';
import type { Cause, Incident, IncidentAlert, Sentence } from './incident.ts';
import { FIXED_RULES } from './policy.ts';

/** What a phone's lock screen shows (docs/rules.md#lock-screen). */
export const MAX_HEADLINE = FIXED_RULES.messages.lockScreen;
/** The longest part of a sentence that is kept. */
const MAX_PART = 240;
/** Of what is broken so much stays, however long its cause is. */
const LEAST_WHAT = 32;

/** An alert as the sentence reads it. */
type Told = Pick<IncidentAlert, 'name' | 'labels' | 'annotations' | 'status'>;

/**
 * The sentence of an incident that just opened, before anybody knows a cause.
 * @param alert the alert that opened it, with its identity; null when a person declared it
 * @param runbookImpact what its runbook says this means to users
 */
export function openingSentence(
  incident: Pick<Incident, 'title' | 'subject' | 'namespace' | 'cluster'>,
  alert: { readonly identity: string; readonly told: Told } | null,
  runbookImpact: string | null,
): Sentence {
  const what = alert === null ? tidy(incident.title) : plainWords(alert.told, incident.title);
  return {
    what,
    whom: whomOf(incident, what),
    causes: [],
    impact: impactInWords(tidy(alert?.told.annotations.impact ?? runbookImpact ?? '')) || null,
    action: null,
    noIncident: null,
    alert: alert?.identity ?? null,
  };
}

/**
 * The sentence once alerts came and went: it goes on about the same alert while that one fires, else about the first that
 * does. An incident of 0.1.0 gets its first one.
 * @param alerts by identity, in the order they were first seen
 * @param isPart it has more than these
 */
export function retold(incident: Incident, alerts: ReadonlyMap<string, Told>, isPart: boolean): Sentence {
  const { sentence } = incident;
  if (sentence?.alert === null) return sentence;
  const kept = sentence?.alert === undefined ? undefined : alerts.get(sentence.alert);
  if (sentence && (kept ? kept.status === 'firing' : isPart)) return sentence;
  const next = firstFiring(alerts);
  if (sentence && (!next || next.identity === sentence.alert)) return sentence;
  const opening = openingSentence(incident, next ?? null, null);
  return sentence ? about(sentence, opening) : opening;
}

/** The sentence as it goes on about another alert: the one that raised the severity. */
export function about(sentence: Sentence | undefined, next: Sentence): Sentence {
  if (!sentence) return next;
  return { ...sentence, what: next.what, whom: next.whom, impact: next.impact ?? sentence.impact, alert: next.alert };
}

/** The sentence with what a diagnosis came to; one that came to nothing takes nothing back. */
export function diagnosed(
  sentence: Sentence,
  diagnosis: { readonly causes: readonly Cause[]; readonly action: string | null; readonly noIncident: string | null },
): Sentence {
  if (diagnosis.causes.length === 0 && diagnosis.noIncident === null) return sentence;
  const { causes, action, noIncident } = diagnosis;
  return {
    ...sentence,
    causes: causes.slice(0, 6).map((cause) => ({ ...cause, brief: tidy(cause.brief) })),
    action: action === null ? null : tidy(action),
    noIncident: noIncident === null ? null : tidy(noIncident),
  };
}

/** The sentence with the node at whose address it was measured, once the cluster has said whose it is. */
export function placed(sentence: Sentence, address: string, node: string): Sentence {
  const { what, whom } = sentence;
  if (what.includes(node) || whom?.includes(node)) return sentence;
  const at = `on node ${node}`;
  if (whom === null) return { ...sentence, whom: tidy(at) };
  return {
    ...sentence,
    whom: tidy(whom.includes(address) ? whom.replace(address, `${address} ${at}`) : `${whom}, ${at}`),
  };
}

/** What is known of an incident to tell of it; one of 0.1.0 has its title. */
export function sentenceOf(incident: Incident): Sentence {
  return incident.sentence ?? { ...openingSentence(incident, null, null), whom: null };
}

/** Each cause in its words; those that say the same of several objects once. */
function distinctCauses(causes: Sentence['causes']): readonly string[] {
  return [...new Set(causes.map(({ brief, isSure }) => (isSure ? brief : `probably ${brief}`)))];
}

/** The causes in words: `builder OOMKilled`, `probably quota compute is full`, `3 causes: a; b and 1 more`; null before there is one. */
export function causesInWords({ causes, noIncident }: Sentence, max = 1_000): string | null {
  if (noIncident !== null) return cut(`probably no incident, ${noIncident}`, max);
  const [first] = causes;
  if (!first) return null;
  const words = distinctCauses(causes);
  if (words.length === 1) return cut(words[0] ?? '', max);
  for (let shown = words.length; shown > 0; shown -= 1) {
    const head = `${words.length} causes: `;
    const tail = words.length > shown ? ` and ${words.length - shown} more` : '';
    const text = words.slice(0, shown).join('; ');
    const room = max - head.length - tail.length;
    if (text.length <= room || shown === 1) return `${head}${cut(text, room)}${tail}`;
  }
  return null;
}

/**
 * One line for a lock screen or a list: severity, number, what is broken and for whom, since what cause, what it means,
 * what to do. What does not fit is left out whole, the cause last; it is plain text, which whoever shows it escapes.
 * `SEV1 #2 Control plane down: builder OOMKilled (limit 1Gi) since v1.13.17. No new builds. Roll back to v1.9.4.`
 */
export function headline(incident: Incident, max = MAX_HEADLINE): string {
  const head = `${severityName(incident.severity)} #${incident.number} ${ENDED[endOf(incident)](incident)}`;
  return head + spoken(incident, max - head.length);
}

/** The sentence without severity and number, in at most `max` characters. */
export function spoken(incident: Incident, max: number): string {
  const sentence = sentenceOf(incident);
  const isOver = incident.status === 'resolved';
  const impact = isOver ? null : sentence.impact;
  const action = isOver ? null : sentence.action;
  const cause = causesInWords(
    withoutNamed(sentence),
    Math.max(20, max - Math.min(sentence.what.length, LEAST_WHAT) - 2),
  );
  const whom = sentence.whom !== null && !cause?.includes(incident.subject.name) ? ` (${sentence.whom})` : '';
  const because = cause === null ? '' : `${distinctCauses(sentence.causes).length > 1 ? '. ' : ': '}${cause}`;
  const forms = [
    [whom, impact, action],
    ['', impact, action],
    [whom, null, action],
    ['', null, action],
    [whom, impact, null],
    [whom, null, null],
    ['', null, null],
  ] as const;
  for (const [to, means, act] of forms) {
    const text = closed([`${sentence.what}${to}${because}`, means, act]);
    if (text.length <= max) return text;
  }
  return cut(cut(sentence.what, Math.max(LEAST_WHAT, max - because.length)) + because, max);
}

/**
 * A single cause without the object that what is broken names already: `builder is down: OOMKilled` of `Deployment builder
 * OOMKilled`. Only where a state follows the name, so that what is left still says something.
 */
function withoutNamed(sentence: Sentence): Sentence {
  const [only, ...more] = sentence.causes;
  const named = only && more.length === 0 ? /^(?:\p{Lu}\p{L}+ )(\S{3,}) (?=\p{Lu})/u.exec(only.brief) : null;
  if (!only || !named || !names(sentence.what, named[1] ?? '')) return sentence;
  return { ...sentence, causes: [{ ...only, brief: only.brief.slice(named[0].length) }] };
}

/** Whether a text says this name, and not only a longer one that it is part of (`checkout` in `checkout-api`). */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text.slice(0, at), text.slice(at + name.length)];
    if (!/[\p{L}\p{N}_][-./]?$/u.test(before) && !/^[-./]?[\p{L}\p{N}_]/u.test(after)) return true;
  }
  return false;
}

/** Sentences one after the other; a single one stands without a full stop. */
function closed(parts: readonly (string | null)[]): string {
  const said = parts.filter((part) => part !== null && part !== '') as string[];
  if (said.length === 1) return said[0] ?? '';
  return said.map((part) => (/[.!?…]$/u.test(part) ? part : `${part}.`)).join(' ');
}

const ENDED = {
  open: () => '',
  resolved: () => 'Resolved: ',
  dismissed: () => 'No incident: ',
  merged: ({ mergedInto }: Incident) => `Merged into #${mergedInto}: `,
} as const;

function endOf({ status, resolution }: Incident): keyof typeof ENDED {
  if (status !== 'resolved') return 'open';
  return resolution === 'dismissed' || resolution === 'merged' ? resolution : 'resolved';
}

function firstFiring(
  alerts: ReadonlyMap<string, Told>,
): { readonly identity: string; readonly told: Told } | undefined {
  for (const [identity, told] of alerts) if (told.status === 'firing') return { identity, told };
  return undefined;
}

/** The alert in the words its rule was given; without any, its name as words. */
function plainWords(told: Told, title: string): string {
  const said = summaryOf(told) ?? firstSentence(told.annotations.description ?? '');
  return tidy(said) || tidy(words(told.name)) || tidy(title);
}

/** The first sentence of a text, by the rules of Unicode (UAX 29). */
export function firstSentence(text: string): string {
  const [first] = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text.slice(0, 2_000).trim());
  return first?.segment.trim() ?? '';
}

/** `KubePodCrashLooping` as `Kube pod crash looping`; an acronym stays one. */
function words(name: string): string {
  const split = name.replaceAll(/([\p{Ll}\d])(\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$3 $2').replaceAll(/[_-]+/g, ' ');
  return split
    .split(/\s+/)
    .map((word, at) => (at > 0 && /^\p{Lu}\p{Ll}+$/u.test(word) ? word.toLowerCase() : word))
    .join(' ');
}

/** Subject and place, as far as what is broken does not name them. */
function whomOf(
  { subject, namespace, cluster }: Pick<Incident, 'subject' | 'namespace' | 'cluster'>,
  what: string,
): string | null {
  const name = subject.kind === 'alert' || what.includes(subject.name) ? null : subject.name;
  const place = cluster === 'default' ? namespace : cluster;
  const where = place === null || what.includes(place) || name?.includes(place) ? null : place;
  if (name !== null && where !== null) return tidy(`${name} in ${where}`);
  return name !== null ? tidy(name) : where === null ? null : tidy(`in ${where}`);
}

/** `None` that says there is no impact: it ends there or says when, while “None of the checkouts succeed” counts something. */
const NO_IMPACT =
  /^(usually |perhaps |mostly |probably )?none(?=\s*(?:$|[.,;:!?()–—]|-\s)|\s+(?:yet|now|so far|at|while|until|unless|as|for|once|if|but|by|today|right now|known|seen|expected|beyond|on|to|in|during|because|since|when|where)\b)/i;

/** An impact that reads as a sentence by itself: `No impact yet` of `None yet`, as it stands under a heading “Impact”. */
function impactInWords(text: string): string {
  return text
    .replace(
      /^(usually |perhaps |mostly |probably )?none for (users|callers|anybody) by itself\b/i,
      '$1no direct impact on $2',
    )
    .replace(/^(usually |perhaps |mostly |probably )?none for (?=\w)/i, '$1no impact on ')
    .replace(NO_IMPACT, '$1no impact')
    .replace(/^depends on\b/i, 'the impact depends on')
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** One line without what turns the direction of text around, without a full stop at its end, and not endless. */
function tidy(text: string): string {
  const line = text
    .slice(0, MAX_PART * 4)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return cut(line.endsWith('.') && !line.endsWith('..') ? line.slice(0, -1) : line, MAX_PART);
}

/** The line its rule was given to tell of it; null when it has a description at most. */
export function summaryOf(alert: Pick<IncidentAlert, 'annotations'>): string | null {
  return annotationOf(alert, ['summary', 'title', 'message']);
}

/** The first of these annotations that says anything. */
export function annotationOf(
  { annotations }: Pick<IncidentAlert, 'annotations'>,
  names: readonly string[],
): string | null {
  return names.map((name) => annotations[name]?.trim()).find((text) => text) ?? null;
}
