import type { DiagnosticRequest } from '../../commands/ports.ts';
import { ResponderError } from '../../errors.ts';
import type { ObjectName } from '../../incidents/evidence.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { counted } from '../../wording/counts.ts';
import { stopped } from '../client/failures.ts';
import { targetOfQuestion } from '../facts/target.ts';
import { lookAt } from '../look/look.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import { named } from '../subjects/object.ts';
import type { Diagnostic } from './diagnostic.ts';
import { place, splitName } from './diagnostic.ts';
import { findingsOnPhone } from './phone.ts';

/** Rule: docs/rules.md#first-look-deadline. */
const IN_ALL_MS = FIXED_RULES.firstLook.deadlineMs;

/** The first look by hand: what a namespace or an object shows, judged by the same rules as an alert's. */
export const all: Diagnostic = {
  name: 'all',
  phone: findingsOnPhone,
  kubectl: (request) => `kubectl get all,events ${place(request)}`,
  async collect({ cluster, request, profile, clock, metrics = null }) {
    const now = clock();
    const [, name] = splitName(request.name);
    const namespace = request.allNamespaces ? null : request.namespace;
    const target = targetOfQuestion({
      namespace,
      objects: objectsOf(request, namespace),
      name,
      now,
      startedAt: request.startedAt ?? null,
    });
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(IN_ALL_MS)]);
    const { diagnosis, tables, facts, calls, failures } = await lookAt({
      cluster,
      target,
      profile,
      now,
      priority: request.priority,
      signal,
      metrics,
    });
    if (request.signal.aborted) throw stopped(request.signal, 'first look');
    const [refused] = facts.unread;
    if (tables.length === 0 && refused)
      throw new ResponderError(refused.code, `the first look could read nothing: ${failures[0]?.message}`);
    const rows = tables.map(({ wanted, table }) => ({
      cells: [KINDS[wanted.kind].resource.plural, String(table.total), wanted.namespace ?? ''],
      object: null,
    }));
    const isWhole = facts.unread.length === 0;
    return {
      title: `First look at ${request.name ?? namespace ?? 'the cluster'}`,
      summary:
        diagnosis.verdict === 'unknown' && name === null && isWhole && diagnosis.findings.length <= 1
          ? `Nothing wrong was found in ${counted(tables.length, 'list')}.`
          : diagnosis.summary,
      findings: diagnosis.findings,
      table: { columns: ['NAME', 'READ', 'NAMESPACE'], rows, total: rows.length },
      lines: null,
      notes: [counted(calls, 'call'), ...facts.unread.map(({ what, why }) => `${what}: ${why}`)],
    };
  },
};

/** Kinds as commands/names.ts spells them, where they differ from Kubernetes'. */
const SPELT: Readonly<Record<string, Kind>> = { function: 'KnativeService', service: 'Service' };

function objectsOf(request: DiagnosticRequest, namespace: string | null): readonly ObjectName[] {
  const [kind, name] = splitName(request.name);
  if (kind === null || name === null) return [];
  const known = SPELT[kind] ?? (Object.keys(KINDS) as Kind[]).find((one) => one.toLowerCase() === kind);
  if (known === undefined) return [];
  return [named(known, { namespace: KINDS[known].resource.namespaced ? namespace : null, name })];
}
