import { coerceError, ResponderError } from '../../errors.ts';
import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { itemsOf } from '../client/listPage.ts';
import { readInWords } from '../client/readInWords.ts';
import { pathOf, RESOURCES, type Resource } from '../client/resources.ts';
import { mebibytes, millicores, quantity } from '../subjects/quantity.ts';
import { useOfPod } from '../subjects/usage.ts';
import { arrange } from './arrange.ts';
import { type Collection, type Diagnostic, namespaceOf, place } from './diagnostic.ts';
import { rowsOnPhone } from './phone.ts';

/** Reads metrics.k8s.io; without metrics-server the API server answers 404 or 503, and that is said plainly. */
export async function readMetrics(resource: Resource, { cluster, request }: Collection): Promise<readonly unknown[]> {
  const path = pathOf(resource, namespaceOf(request));
  const query = { labelSelector: request.selector };
  const { priority, signal } = request;
  const answer = await cluster.json({ path, query, priority, signal }).catch((thrown: unknown) => {
    const error = coerceError(thrown);
    if (error.code !== 'not_found' && error.code !== 'unavailable') throw thrown;
    throw new ResponderError(
      'unavailable',
      'the cluster has no resource metrics: metrics-server is missing or does not answer',
      {
        cause: thrown,
        hint: 'Check it: kubectl -n kube-system get deploy metrics-server; kubectl get apiservice v1beta1.metrics.k8s.io',
        retryable: false,
      },
    );
  });
  return itemsOf(answer, readInWords(cluster.name, path).text);
}

/** As kubectl sorts names: by their bytes, which names of Kubernetes have one each a character. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export const topPods: Diagnostic = {
  name: 'top pods',
  phone: rowsOnPhone({
    parts: ['NAME', labelled('CPU(cores)', (value) => `${value} CPU`), 'MEMORY(bytes)'],
    order: (cell) => -(quantity(cell('MEMORY(bytes)')) ?? 0),
  }),
  kubectl: (request) =>
    `kubectl top pods ${place(request)}${request.selector ? ` -l ${request.selector}` : ''}${request.sortBy ? ` --sort-by=${request.sortBy}` : ''}`,
  async collect(collection) {
    const { request } = collection;
    const usage = (await readMetrics(RESOURCES.podMetrics, collection))
      .flatMap((item) => useOfPod(item) ?? [])
      .filter(({ name }) => request.name === null || name === request.name);
    const by = request.sortBy === 'cpu' || request.sortBy === 'memory' ? request.sortBy : null;
    usage.sort((a, b) => (by ? b[by] - a[by] : inOrder(a.namespace, b.namespace) || inOrder(a.name, b.name)));
    const all = namespaceOf(request) === null;
    const rows = usage.map((one) => ({
      cells: [...(all ? [one.namespace] : []), one.name, millicores(one.cpu), mebibytes(one.memory)],
      object: one,
    }));
    const table = arrange(
      {
        columns: [...(all ? ['NAMESPACE'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)'],
        rows,
        total: rows.length,
        notes: [],
      },
      { ...request, sortBy: null },
    );
    const most = usage.toSorted((a, b) => b.memory - a.memory)[0];
    return {
      title: `CPU and memory of pods in ${all ? 'all namespaces' : request.namespace}`,
      summary: most
        ? `${counted(usage.length, 'pod')}; most memory: ${most.name} with ${mebibytes(most.memory)}.`
        : 'No pod reports usage.',
      findings: [],
      table,
      lines: null,
      notes: table.notes,
    };
  },
};
