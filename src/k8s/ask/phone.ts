import type { Finding, PhoneForm, ReplyTable } from '../../incidents/evidence.ts';
import { type CellOf, labelled, type PhoneRows, rowsForPhone } from '../../incidents/phoneRows.ts';
import { stateOfPodRow } from '../facts/census.ts';

/** The redacted result of a diagnostic, from which its phone form is made. */
export interface Shown {
  readonly table: ReplyTable | null;
  readonly lines: readonly string[] | null;
  readonly findings: readonly Finding[];
}

/** How a phone shows a diagnostic: chosen by what is asked, not by width (docs/rules.md#phone-form). Pure. */
export type Phone = (shown: Shown) => PhoneForm;

/** Rows of a table; lines are shown as they are. */
export function rowsOnPhone(of: PhoneRows): Phone {
  return ({ table, findings, lines }) => ({
    ...(table === null ? { rows: null, left: null } : rowsForPhone(table, findings, of)),
    lines,
  });
}

/** The findings are the answer; the rows are in the file. */
export const findingsOnPhone: Phone = () => ({ rows: [], lines: [], left: null });

/** Knative's `True`, or how many of how many. */
export const ready = labelled('READY', (value) => {
  if (value.includes('/')) return `${value} ready`;
  return value === 'True' ? 'ready' : value === 'False' ? 'not ready' : value;
});
const restarts = labelled('RESTARTS', (value) =>
  value === '0' ? '' : `${value} restarts`.replace(/^1 restarts/, '1 restart'),
);
const age = labelled('AGE', (value) => `${value} old`);

/** `checkout-7d9f · CrashLoopBackOff · 14 restarts · 23m old`. */
export const podsOnPhone = rowsOnPhone({
  parts: ['NAME', stateOfPod, restarts, age],
  isWell: (cell) => stateOfPodRow({ name: cell('NAME'), namespace: null, cells: podCells(cell) }) === 'well',
});

function stateOfPod(cell: CellOf): string {
  const [ready, all] = cell('READY').split('/');
  return cell('STATUS') === 'Running' && ready !== all ? `Running, ${ready} of ${all} ready` : cell('STATUS');
}

function podCells(cell: CellOf): Readonly<Record<string, string>> {
  return Object.fromEntries(['STATUS', 'READY', 'RESTARTS', 'AGE'].map((head) => [head, cell(head)]));
}

export const jobsOnPhone = rowsOnPhone({
  parts: ['NAME', (cell) => cell('STATUS') || `${cell('COMPLETIONS')} complete`, 'DURATION', age],
  isWell: (cell) => /^(?:Complete|SuccessCriteriaMet)/.test(cell('STATUS')),
  well: 'complete',
});

/** Objects with conditions of Knative's kind. */
export const readyOnPhone = rowsOnPhone({
  parts: ['NAME', 'VERSION', ready, 'REASON', 'BROKER', age],
  isWell: (cell) => cell('READY') === 'True' || isAllReady(cell),
});

/** Deployments and other things that count their replicas. */
export const replicasOnPhone = rowsOnPhone({
  parts: ['NAME', ready, 'REASON', age],
  isWell: isAllReady,
});

function isAllReady(cell: CellOf): boolean {
  const [ready, all] = cell('READY').split('/');
  return all !== undefined && ready === all;
}

/** Any kind: its name and what the server prints of its state. */
export const anyOnPhone = rowsOnPhone({
  parts: ['NAME', 'CONDITION', 'STATUS', ready, 'REASON', 'MESSAGE', restarts, age],
  isWell: (cell) => cell('READY') === 'True' || isAllReady(cell),
});
