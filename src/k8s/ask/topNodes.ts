import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { itemsOf } from '../client/listPage.ts';
import { readInWords } from '../client/readInWords.ts';
import { pathOf, RESOURCES } from '../client/resources.ts';
import { node } from '../subjects/node.ts';
import { mebibytes, millicores, quantity } from '../subjects/quantity.ts';
import { nodeMetrics } from '../subjects/usage.ts';
import type { Diagnostic } from './diagnostic.ts';
import { rowsOnPhone } from './phone.ts';
import { readMetrics } from './topPods.ts';

export const topNodes: Diagnostic = {
  name: 'top nodes',
  phone: rowsOnPhone({
    parts: ['NAME', labelled('CPU(%)', (value) => `CPU ${value}`), labelled('MEMORY(%)', (value) => `memory ${value}`)],
    order: (cell) => -Number.parseFloat(cell('MEMORY(%)')) || 0,
  }),
  kubectl: (request) => `kubectl top nodes${request.sortBy ? ` --sort-by=${request.sortBy}` : ''}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const read = { path: pathOf(RESOURCES.nodes, null), priority: request.priority, signal: request.signal };
    const [items, listed] = await Promise.all([readMetrics(RESOURCES.nodeMetrics, collection), cluster.json(read)]);
    const sizes = new Map(
      itemsOf(listed, readInWords(cluster.name, read.path).text).flatMap((item) => {
        const parsed = node.safeParse(item);
        return parsed.success ? [[parsed.data.metadata.name, parsed.data.status.allocatable ?? {}] as const] : [];
      }),
    );
    const usage = items.flatMap((item) => {
      const parsed = nodeMetrics.safeParse(item);
      if (!parsed.success) return [];
      const { metadata, usage: used } = parsed.data;
      const size = sizes.get(metadata.name);
      return [
        {
          name: metadata.name,
          cpu: quantity(used?.cpu) ?? 0,
          memory: quantity(used?.memory) ?? 0,
          cores: quantity(size?.cpu),
          bytes: quantity(size?.memory),
        },
      ];
    });
    const by = request.sortBy === 'cpu' || request.sortBy === 'memory' ? request.sortBy : null;
    usage.sort((a, b) => (by ? b[by] - a[by] : a.name.localeCompare(b.name)));
    const fullest = usage.toSorted(
      (a, b) => b.memory / (b.bytes ?? Number.POSITIVE_INFINITY) - a.memory / (a.bytes ?? Number.POSITIVE_INFINITY),
    )[0];
    return {
      title: 'CPU and memory of nodes',
      summary: fullest
        ? `${counted(usage.length, 'node')}; fullest: ${fullest.name} with ${percent(fullest.memory, fullest.bytes)} of its memory used.`
        : 'No node reports usage.',
      findings: [],
      table: {
        columns: ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'],
        rows: usage.map((one) => ({
          cells: [
            one.name,
            millicores(one.cpu),
            percent(one.cpu, one.cores),
            mebibytes(one.memory),
            percent(one.memory, one.bytes),
          ],
          object: one,
        })),
        total: usage.length,
      },
      lines: null,
      notes: [],
    };
  },
};

function percent(used: number, of: number | null): string {
  return of ? `${Math.floor((used / of) * 100)}%` : '<unknown>';
}
