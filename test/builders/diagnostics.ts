import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';

/** A request as `/lambda diag` makes it when nothing but the name is given; it ends after a minute. */
export function asking(diagnostic: string, over: Partial<DiagnosticRequest> = {}): DiagnosticRequest {
  return {
    diagnostic,
    cluster: null,
    namespace: null,
    allNamespaces: false,
    name: null,
    selector: null,
    fieldSelector: null,
    container: null,
    tail: null,
    since: null,
    previous: false,
    sortBy: null,
    filter: null,
    priority: 'person',
    signal: AbortSignal.timeout(60_000),
    ...over,
  };
}

/** What a look at the pods of `shop` brought at `at` (epoch ms): nothing that is wrong. */
export function diagnosticResult(at: number, parts: Partial<DiagnosticResult> = {}): DiagnosticResult {
  return {
    diagnostic: 'pods',
    kubectl: 'kubectl get pods -n shop',
    cluster: 'default',
    title: 'Pods in shop',
    summary: '1 pod',
    findings: [],
    table: null,
    lines: null,
    evidence: [],
    notes: [],
    capturedAt: at,
    durationMs: 1,
    simulated: false,
    ...parts,
  };
}
