import { ResponderError } from '../../errors.ts';
import type { AnswerTarget } from '../ports.ts';

const DOORS = new Set(['slash', 'mention', 'button', 'terminal', 'api', 'runbook']);

/**
 * An answer target as it comes back from a job's JSON. What an older version did not write gets its default.
 * @throws ResponderError `internal` when it is none.
 */
export function readAnswerTarget(stored: unknown): AnswerTarget {
  if (typeof stored !== 'object' || stored === null) throw unreadable();
  const field = (name: string): unknown => Object.getOwnPropertyDescriptor(stored, name)?.value;
  const text = (name: string): string | null => {
    const value = field(name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const invocationId = text('invocationId');
  const user = text('user');
  const door = text('door');
  const expires = field('responseUrlExpiresAt');
  if (invocationId === null || user === null || door === null || !DOORS.has(door)) throw unreadable();
  return {
    invocationId,
    door: door as AnswerTarget['door'], // one of DOORS
    command: text('command') ?? '',
    user,
    channel: text('channel'),
    threadTs: text('threadTs'),
    inThread: field('inThread') === true,
    responseUrl: text('responseUrl'),
    responseUrlExpiresAt: typeof expires === 'number' ? expires : null,
    replacesOriginal: field('replacesOriginal') === true,
  };
}

function unreadable(): ResponderError {
  return new ResponderError('internal', 'A stored command does not say where its answer goes');
}
