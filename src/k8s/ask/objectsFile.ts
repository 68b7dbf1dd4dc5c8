import { stringify } from 'yaml';
import { z } from 'zod';
import type { DiagnosticRequest } from '../../commands/ports.ts';
import type { DiagnosticResult } from '../../incidents/evidence.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import { counted } from '../../wording/counts.ts';
import type { KubeTable } from '../client/kubeTable.ts';

type Output = NonNullable<DiagnosticRequest['output']>;

/** Objects that were read whole; of a long list the rest is known by its printed columns alone. */
const whole = z
  .looseObject({ metadata: z.looseObject({ managedFields: z.unknown().optional() }) })
  .refine((one) => Object.keys(one).some((key) => !['metadata', 'kind', 'apiVersion'].includes(key)));
/** As much as a file of an answer may hold. */
const MOST = 2_000_000;

/**
 * The objects behind a table as `kubectl get -o json|yaml` prints them, without `managedFields` and redacted; null when they
 * were not asked for. @param output `wide` changes the columns, not the file
 */
export async function documentOf(
  table: Pick<KubeTable, 'rows' | 'total'> | null,
  output: Output | null,
  redactor: Redactor,
): Promise<{ readonly file: DiagnosticResult['document']; readonly notes: readonly string[] } | null> {
  if (output === null || output === 'wide' || table === null) return null;
  const objects = table.rows.flatMap(({ object }) => whole.safeParse(object).data ?? []);
  const items: unknown[] = [];
  let size = 0;
  for (const {
    metadata: { managedFields: _managed, ...metadata },
    ...rest
  } of objects) {
    const one = redactor.redactTree({ ...rest, metadata });
    size += JSON.stringify(one).length;
    if (size > MOST) break;
    items.push(one);
  }
  const list = { apiVersion: 'v1', kind: 'List', items };
  const text = output === 'json' ? `${JSON.stringify(list, null, 2)}\n` : stringify(list, { lineWidth: 0 });
  const content = await redactor.redactDeep(text);
  const left = table.total - items.length;
  return {
    file: { ending: output, mime: output === 'json' ? 'application/json' : 'application/yaml', content },
    notes: left > 0 ? [`the ${output} holds ${counted(items.length, 'object')} of ${table.total}`] : [],
  };
}
