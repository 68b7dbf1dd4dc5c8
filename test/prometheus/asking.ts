import type { DiagnosticRequest } from '../../src/commands/ports.ts';

/** A request as `/lambda diag` makes it when nothing but the name is given. */
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
    signal: AbortSignal.timeout(15_000),
    ...over,
  };
}
