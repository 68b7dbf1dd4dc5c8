import { counted } from '../../incidents/counted.ts';
import { RESOURCES } from '../client/resources.ts';
import { readTable } from '../client/table.ts';
import { isFailed, job, phaseOf } from '../subjects/job.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place, splitName } from './diagnostic.ts';
import { verdictOf } from './verdict.ts';

export const jobs: Diagnostic = {
  name: 'jobs',
  kubectl: (request) =>
    `kubectl get jobs${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const read = await readTable(cluster, {
      resource: RESOURCES.jobs,
      namespace: namespaceOf(request),
      name: splitName(request.name)[1],
      selector: request.selector,
      fieldSelector: request.fieldSelector,
      priority: request.priority,
      signal: request.signal,
    });
    const table = arrange(read, request);
    const all = read.rows.flatMap((row) => job.safeParse(row.object).data ?? []);
    const failed = all.filter(isFailed);
    const active = all.filter((one) => phaseOf(one) === 'running');
    const isCut = read.total > read.rows.length;
    const findings = verdictOf(collection, { objects: { Job: all }, parts: isCut ? ['Job'] : [] });
    return {
      title: request.name
        ? `Job ${request.name}`
        : `Jobs in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary:
        all.length === 0
          ? 'There are no Jobs.'
          : `${counted(read.total, 'Job')}: ${isCut ? `of the ${all.length} that were read ` : ''}${failed.length} failed, ${active.length} running, ${all.length - failed.length - active.length} complete or waiting.`,
      findings,
      table,
      lines: null,
      notes: table.notes,
    };
  },
};
