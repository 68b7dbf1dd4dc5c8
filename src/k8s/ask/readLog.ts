import { coerceError } from '../../errors.ts';
import { logPathOf } from '../client/resources.ts';
import { instant } from '../subjects/instant.ts';
import type { Pod } from '../subjects/pod.ts';
import type { Collection } from './diagnostic.ts';

export interface LogTail {
  readonly lines: readonly { readonly at: number | null; readonly text: string }[];
  /** A note in words, when a bound cut the log or it could not be read. */
  readonly notes: readonly string[];
}

const LIMIT_BYTES = 64 * 1024;

/** The last lines of one container with the moment of each. A container without a log is a note: it may not have begun. */
export async function readLogTail(
  { cluster, request }: Pick<Collection, 'cluster' | 'request'>,
  of: Pod,
  container: string,
  options: { readonly tail: number; readonly previous?: boolean },
): Promise<LogTail> {
  const { name, namespace } = of.metadata;
  try {
    const { text, truncated } = await cluster.text({
      path: logPathOf(namespace ?? request.namespace, name),
      query: {
        container,
        tailLines: options.tail,
        limitBytes: LIMIT_BYTES,
        timestamps: true,
        previous: options.previous || null,
      },
      accept: '*/*',
      maxBytes: LIMIT_BYTES,
      priority: request.priority,
      signal: request.signal,
    });
    const cut = truncated || Buffer.byteLength(text) >= LIMIT_BYTES;
    const notes = cut ? [`log of ${name}/${container}: stopped at ${LIMIT_BYTES / 1024} KiB`] : [];
    return { lines: text.split('\n').flatMap(lineOf), notes };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (request.signal.aborted || error.code === 'unauthorized') throw thrown;
    return { lines: [], notes: [`log of ${name}/${container}: ${error.message}`] };
  }
}

/** `2026-03-01T12:00:00.123456789Z text`, as the kubelet stamps it. */
function lineOf(line: string): LogTail['lines'] {
  if (line === '') return [];
  const [, stamp, text] = /^(\d{4}-\d\d-\d\dT\S+) ?(.*)$/.exec(line) ?? [];
  const at = instant(stamp);
  return at === null ? [{ at: null, text: line }] : [{ at, text: text ?? '' }];
}
