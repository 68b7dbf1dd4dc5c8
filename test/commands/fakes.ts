import { PROFILES } from '../../src/alerts/profile.ts';
import { execute } from '../../src/commands/execute.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type {
  CommandPorts,
  CommandSettings,
  DiagnosticRequest,
  OwnQueue,
  PlaybookView,
} from '../../src/commands/ports.ts';
import { ResponderError } from '../../src/errors.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import type { Actor, Incident, IncidentAlert, IncidentWithAlerts } from '../../src/incidents/incident.ts';
import type { IncidentChange } from '../../src/incidents/life/change.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import type { TimelineDraft, TimelineEntry } from '../../src/incidents/timeline.ts';
import { diagnosticResult } from '../builders/diagnostics.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';

export const NOW = Date.UTC(2026, 1, 3, 3, 0, 0);
export const ANA: Actor = { type: 'slack', id: 'UANA', name: 'ana' };

export function incident(parts: Partial<Incident> & { number: number }): Incident {
  return incidentAt(NOW - 200_000, {
    cluster: 'default',
    correlationKey: `default/knative-lambda-builds/${parts.number}`,
    title: `BuildOOMKilled image-resizer ${parts.number}`,
    startedAt: NOW - 240_000,
    ...parts,
  });
}

export function alertOf(number: number, labels: Readonly<Record<string, string>>): IncidentAlert {
  return incidentAlertAt(NOW - 200_000, {
    incidentNumber: number,
    cluster: 'default',
    name: labels.alertname ?? 'KnativeLambdaBuildOOMKilled',
    labels,
    startsAt: NOW - 240_000,
  });
}

export function invocation(text: string, parts: Partial<Invocation> = {}): Invocation {
  return {
    id: `inv-${text}`,
    text,
    door: 'slash',
    actor: ANA,
    membership: 'member',
    verified: true,
    place: { channel: 'CINC', threadTs: null, external: false },
    incidentNumber: null,
    at: NOW,
    ...parts,
  };
}

export const SETTINGS: CommandSettings = {
  profile: PROFILES.builder,
  namespaces: PROFILES.builder.namespaces,
  allowAllNamespaces: false,
  clusters: ['default'],
  publicUrl: null,
  escalation: DEFAULT_POLICY.escalation,
  reopenWindowMs: DEFAULT_POLICY.correlation.reopenWindowMs,
};

export function resultOf(request: DiagnosticRequest, parts: Partial<DiagnosticResult> = {}): DiagnosticResult {
  return diagnosticResult(NOW, {
    diagnostic: request.diagnostic,
    kubectl: `kubectl get ${request.diagnostic} -n ${request.namespace}`,
    title: `${request.diagnostic} in ${request.namespace ?? 'the cluster'}`,
    summary: '1 of 2 failed',
    table: {
      columns: ['NAME', 'STATUS'],
      rows: [
        ['a', 'Complete'],
        ['b', 'Failed'],
      ],
      total: 2,
    },
    durationMs: 12,
    ...parts,
  });
}

/** A responder in memory: what was asked of the cluster and what was written is in plain arrays. */
export class World {
  readonly requests: DiagnosticRequest[] = [];
  readonly changes: { number: number; change: IncidentChange; actor: Actor; at: number }[] = [];
  readonly entries: (TimelineDraft & { number: number })[] = [];
  readonly incidents: IncidentWithAlerts[];
  readonly settings: CommandSettings;
  places = new Map<string, number>();
  touched: number[] = [];
  names: readonly string[] = [];
  view: PlaybookView | null = null;
  answer: (request: DiagnosticRequest) => DiagnosticResult | Promise<DiagnosticResult> = (request) => resultOf(request);
  recordFails = false;
  /** Why no change is allowed; null: each is. */
  refuses: string | null = null;
  /** The responder's own work; null: there is no store to ask. */
  queue: OwnQueue | null = null;
  readonly once = new Map<string, unknown>();
  /** Which incident a request was carried out on, by its key. */
  readonly made = new Map<string, number>();

  constructor(incidents: readonly IncidentWithAlerts[] = [], settings: CommandSettings = SETTINGS) {
    this.incidents = [...incidents];
    this.settings = settings;
  }

  ports(): CommandPorts {
    return {
      now: () => NOW,
      ...(this.queue ? { queue: this.queue } : {}),
      settings: this.settings,
      diagnostics: {
        run: async (request) => {
          this.requests.push(request);
          return this.answer(request);
        },
        names: async () => this.names,
      },
      incidents: {
        find: async (number) => this.incidents.find((one) => one.incident.number === number) ?? null,
        at: async (channel, threadTs) => {
          const number = this.places.get(`${channel}/${threadTs ?? ''}`);
          return this.incidents.find((one) => one.incident.number === number)?.incident ?? null;
        },
        list: async (filter) =>
          this.incidents
            .map((one) => one.incident)
            .filter((one) => filter.status === undefined || filter.status.includes(one.status))
            .filter((one) => filter.channel === undefined || one.channel === filter.channel)
            .filter((one) => filter.touchedBy === undefined || this.touched.includes(one.number))
            .slice(0, filter.limit),
        timeline: async (number) => this.entries.filter((entry) => entry.number === number).map(stored),
      },
      changes: {
        apply: async (number, change, { actor, at, once }) => {
          const known = this.incidents.find((one) => one.incident.number === number);
          if (!known) throw new ResponderError('not_found', `There is no incident #${number}.`);
          if (this.refuses !== null) throw new ResponderError('conflict', this.refuses);
          this.changes.push({ number, change, actor, at });
          this.made.set(once, number);
          const kind = KINDS[change.kind];
          this.entries.push({ number, kind, at, actor, text: change.kind, detail: {} });
          return known.incident;
        },
        declare: async (draft, { at, once }) => {
          const before = this.incidents.find((one) => one.incident.number === this.made.get(once));
          if (before) return before.incident;
          const made = incident({
            number: this.incidents.length + 1,
            title: draft.title,
            severity: draft.severity,
            declared: true,
            openedAt: at,
          });
          this.incidents.unshift({ incident: made, alerts: [] });
          this.made.set(once, made.number);
          return made;
        },
        made: async (once) =>
          this.incidents.find((one) => one.incident.number === this.made.get(once))?.incident ?? null,
        record: async (number, entry) => {
          if (this.recordFails) throw new ResponderError('store_unavailable', 'The disk is full.');
          this.entries.push({ ...entry, number });
        },
      },
      runbooks: {
        forIncident: () => this.view,
        list: () => [{ id: 'knative-lambda/A', title: 'A', alerts: ['KnativeLambdaBuildOOMKilled'] }],
      },
      steps: {
        markStep: async (number, entry, once) => {
          const first = this.once.get(once);
          if (first !== undefined) return first === entry.detail.invocation;
          this.once.set(once, entry.detail.invocation);
          this.entries.push({ ...entry, number });
          return true;
        },
      },
      postmortems: { of: async (number) => ({ markdown: `# ${number}`, json: '{}' }) },
    };
  }
}

const signal = new AbortController().signal;

/** What a command answers in this world. */
export function run(world: World, text: string, parts: Partial<Invocation> = {}) {
  return execute(invocation(text, parts), world.ports(), signal);
}

/** One open incident with its own channel. */
export const OOM = {
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
export const IN_THREAD = { place: { channel: 'CINC', threadTs: '1.1', external: false } } as const;

/** A world in which `IN_THREAD` is the thread of incident #12. */
export function withIncident(): World {
  const world = new World([OOM]);
  world.places.set('CINC/1.1', 12);
  return world;
}

const KINDS = {
  acknowledge: 'acknowledged',
  unacknowledge: 'unacknowledged',
  mitigate: 'mitigated',
  resolve: 'resolved',
  reopen: 'reopened',
  setSeverity: 'severity',
  note: 'note',
  escalate: 'escalated',
  page: 'escalated',
  snooze: 'acknowledged',
  mergeInto: 'merged',
  split: 'split',
} as const;

function stored(entry: TimelineDraft & { number: number }, id: number): TimelineEntry {
  return { ...entry, id, incidentNumber: entry.number, recordedAt: entry.at, permalink: null };
}
