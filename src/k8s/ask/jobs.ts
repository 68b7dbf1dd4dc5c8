import { counted } from '../../wording/counts.ts';
import { RESOURCES } from '../client/resources.ts';
import { type CensusRow, isFailedRow } from '../facts/census.ts';
import { isFailed, type Job, job, phaseOf } from '../subjects/job.ts';
import { arrange } from './arrange.ts';
import { type Collection, type Diagnostic, options, place } from './diagnostic.ts';
import { type Counted, readCounted, type Telling } from './longList.ts';
import { readPart } from './parts.ts';
import { jobsOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

/** Four pages. */
const MOST_UNDECIDED = 2_000;

export const jobs: Diagnostic = {
  name: 'jobs',
  phone: jobsOnPhone,
  kubectl: (request) =>
    `kubectl get jobs${request.name ? ` ${request.name}` : ''} ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request } = collection;
    const read = await withUndecided(collection, await readCounted(collection, RESOURCES.jobs, TELLING));
    const table = arrange(read.table, request);
    const findings = verdictOf(collection, { Job: { items: read.items, isWhole: read.isWhole } });
    return {
      title: request.name
        ? `Job ${request.name}`
        : `Jobs in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary: read.table.total === 0 ? 'There are no Jobs.' : summaryOf(read),
      findings,
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

type State = 'failed' | 'running' | 'suspended' | 'done' | 'undecided';

const TELLING: Telling<Job> = {
  shape: job,
  stateOf(one): State {
    const phase = phaseOf(one);
    if (isFailed(one)) return 'failed';
    return phase === 'complete' ? 'done' : phase === 'suspended' ? 'suspended' : 'running';
  },
  stateOfRow: rowState,
  isIll: (state) => state === 'failed' || state === 'undecided',
};

/** Of what the columns do not tell the Jobs themselves do: those without a completed pod, asked for by the server's selector. */
async function withUndecided(collection: Collection, read: Counted<Job>): Promise<Counted<Job>> {
  const unsaid = read.states.get('undecided') ?? 0;
  if (unsaid === 0) return read;
  const { items, isWhole } = await readPart(collection, job, {
    resource: RESOURCES.jobs,
    selector: collection.request.selector,
    fieldSelector: [collection.request.fieldSelector, 'status.successful=0'].filter(Boolean).join(','),
    limit: MOST_UNDECIDED,
  });
  const states = new Map(read.states);
  for (const one of items) states.set(TELLING.stateOf(one), (states.get(TELLING.stateOf(one)) ?? 0) + 1);
  const left = Math.max(0, unsaid - items.length);
  states.set('undecided', left);
  const told = new Map([...read.items, ...items].map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  return { ...read, items: [...told.values()], states, isCounted: read.isCounted && isWhole && left === 0 };
}

/** Servers before 1.31 print no status: of a Job without its completions they do not tell whether it failed or runs. */
function rowState(row: CensusRow): State {
  const { STATUS: status, COMPLETIONS = '' } = row.cells;
  if (isFailedRow(row)) return 'failed';
  if (status !== undefined)
    return /^(?:Complete|SuccessCriteriaMet)/.test(status) ? 'done' : status === 'Suspended' ? 'suspended' : 'running';
  const [have, want] = COMPLETIONS.split(/\/(?:1 of )?/).map(Number);
  return have !== undefined && want !== undefined && have >= want ? 'done' : 'undecided';
}

function summaryOf({ states, table, isCounted }: Counted<Job>): string {
  const of = (state: State) => states.get(state) ?? 0;
  const least = isCounted && of('undecided') === 0 ? '' : 'at least ';
  const rest = of('undecided') > 0 ? `, ${of('undecided')} not complete of which the server prints no more` : '';
  const suspended = of('suspended') > 0 ? `, ${of('suspended')} suspended` : '';
  return `${counted(table.total, 'Job')}: ${least}${of('failed')} failed, ${of('running')} running or waiting${suspended}, ${of('done')} complete${rest}.`;
}
