import type { IncidentDraft, IncidentKey } from '../decision.ts';
import type { Incident, IncidentAlert, Unread } from '../incident.ts';
import { differs, nextState } from '../nextState.ts';
import type { TimelineDraft } from '../timeline.ts';
import type { Assessed, KnownIncident } from './assess.ts';

/** An incident while a decision is made about it: what it was, what it becomes, and what happened to it on the way. */
export interface Working {
  readonly key: IncidentKey;
  /** As it was before; null when this decision opens it. */
  readonly before: Incident | null;
  incident: Incident;
  /** By identity, those that were read: of an incident with very many, the ones a delivery is about and some that fire. */
  readonly alerts: Map<string, IncidentAlert>;
  readonly unread: Unread | null;
  /** Identities of alerts that are written. */
  readonly written: Set<string>;
  readonly entries: TimelineDraft[];
  /** What this delivery changed; repeats are in none of these. */
  readonly added: Assessed[];
  readonly refired: Assessed[];
  readonly resolved: Assessed[];
  reopened: boolean;
  /** Why a first look is due (a new alert name or subject); null when it is not. */
  lookBecause: string | null;
  /** Alert names and subjects the incident has seen; null until somebody asks. */
  seen: Set<string> | null;
  /** What its alerts tell of, whichever replica told it; null until somebody asks. */
  conditions: Set<string> | null;
}

export function workOn(known: KnownIncident): Working {
  return {
    ...blank(known.incident.number, known.incident),
    before: known.incident,
    alerts: new Map(known.alerts),
    unread: known.unread ?? null,
  };
}

export function workOnNew(index: number, incident: Incident): Working {
  return blank(`new:${index}`, incident);
}

function blank(key: IncidentKey, incident: Incident): Working {
  return {
    key,
    before: null,
    incident,
    alerts: new Map(),
    unread: null,
    written: new Set(),
    entries: [],
    added: [],
    refired: [],
    resolved: [],
    reopened: false,
    lookBecause: null,
    seen: null,
    conditions: null,
  };
}

/** Replaces or inserts an alert of the incident. */
export function writeAlert(working: Working, identity: string, alert: IncidentAlert): void {
  working.alerts.set(identity, alert);
  working.written.add(identity);
}

/** Changes fields of the incident; a change that changes nothing leaves the same object. */
export function change(working: Working, fields: Partial<Incident>): void {
  if (differs(working.incident, fields)) working.incident = { ...working.incident, ...fields };
}

export function isUnresolved(working: Working): boolean {
  return working.incident.status !== 'resolved';
}

export function isChanged(working: Working): boolean {
  return working.incident !== working.before || working.entries.length > 0;
}

export function isFiring(working: Working): boolean {
  if (working.unread !== null && working.unread.firing > 0) return true;
  for (const alert of working.alerts.values()) if (alert.status === 'firing') return true;
  return false;
}

/** The draft to be saved; null when nothing of it is to be written. */
export function draftOf(working: Working): IncidentDraft | null {
  if (!isChanged(working) && working.written.size === 0) return null;
  const { key, before, incident, entries } = working;
  const alerts: IncidentAlert[] = [];
  for (const identity of working.written) {
    const alert = working.alerts.get(identity);
    if (alert) alerts.push(alert);
  }
  return before === null
    ? { key, incident, alerts, entries }
    : nextState(before, { fields: incident, entries, alerts });
}
