import type { NameProfile } from '../../alerts/profile.ts';
import { counted } from '../../incidents/counted.ts';
import { arrange } from '../arrange.ts';
import { type Diagnostic, namespaceOf, options, place, splitName } from '../diagnostic.ts';
import { rank } from '../findings/finding.ts';
import { jobFindings } from '../findings/jobs.ts';
import { type Job, job } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { readTable } from '../table.ts';

/** Which function a build Job builds: by its label, else by its name. */
export function functionOfJob(pattern: RegExp, label: string): (one: Job) => string | null {
  return (one) => one.metadata.labels?.[label] ?? pattern.exec(one.metadata.name)?.groups?.function ?? null;
}

/** Whether a name is that of a build Job by the profile's pattern. */
export function isNameOfBuild(profile: NameProfile, name: string): boolean {
  return new RegExp(profile.buildJobPattern).test(name);
}

export const jobs: Diagnostic = {
  name: 'jobs',
  kubectl: (request) =>
    `kubectl get jobs${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect({ cluster, request, profile, clock }) {
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
    const failed = all.filter((one) =>
      one.status.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True'),
    );
    const active = all.filter((one) => (one.status.active ?? 0) > 0);
    const findings = rank(
      jobFindings(all, functionOfJob(new RegExp(profile.buildJobPattern), profile.buildFunctionLabel), clock()),
    );
    return {
      title: request.name
        ? `Job ${request.name}`
        : `Jobs in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary:
        all.length === 0
          ? 'There are no Jobs.'
          : `${counted(read.total, 'Job')}: ${failed.length} failed, ${active.length} running, ${all.length - failed.length - active.length} complete or waiting.`,
      findings,
      table,
      lines: null,
      notes: table.notes,
    };
  },
};
