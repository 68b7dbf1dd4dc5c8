import { affected } from '../incidents/affected.ts';
import type { Finding } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { listed } from '../wording/counts.ts';

/** What a list concluded, told apart by what the incident is about. */
export interface Told {
  readonly findings: readonly Finding[];
  /** One line about what was left out, or that nothing names the subject; null when neither is so. */
  readonly note: string | null;
  readonly left: readonly Finding[];
}

/** Kinds whose trouble is their own: that of a node, a quota or a volume may be anybody's. */
const OWN_KINDS =
  /^(?:pod|deployment|replicaset|statefulset|daemonset|job|cronjob|service|revision|configuration|route|function|ksvc)$/i;

/**
 * An answer in an incident is about its subject: what a list found of other workloads leaves it for one line, and stays in the
 * file. What may reach the subject (a node, a quota, a volume) or is its cause stays, and so does everything where nothing is known of the
 * subject, which is then said.
 */
export function aboutSubject(findings: readonly Finding[], known: IncidentWithAlerts | null): Told {
  const names = known === null ? [] : namesOf(known);
  if (names.length === 0 || findings.length === 0) return { findings, note: null, left: [] };
  const isAbout = ({ subject, conclusion, path }: Finding): boolean =>
    names.some((name) => [subject.name, conclusion, path ?? ''].some((text) => text.includes(name)));
  const own = findings.filter(isAbout);
  if (own.length === 0)
    return findings.some(({ level }) => level !== 'ok')
      ? { findings, note: `Nothing of this names ${names[0]}.`, left: [] }
      : { findings, note: null, left: [] };
  const left = findings.filter(
    (one) => !isAbout(one) && one.role !== 'cause' && OWN_KINDS.test(one.subject.kind) && one.level !== 'ok',
  );
  const kept = findings.filter((one) => !own.includes(one) && !left.includes(one));
  const note = left.length === 0 ? null : `Others: ${listed(left.map(({ subject }) => subject.name))}.`;
  return { findings: [...own, ...kept], note, left };
}

/** The object the incident is about, and those its alerts name. */
function namesOf({ incident: { subject }, alerts }: IncidentWithAlerts): readonly string[] {
  if (/^(?:alert|rule|instance|scrape-job)$/.test(subject.kind)) return [];
  const named = affected(alerts.slice(0, 20)).flatMap(({ names }) => names);
  return [...new Set([subject.name, ...named])].filter((name) => name.length > 2);
}
