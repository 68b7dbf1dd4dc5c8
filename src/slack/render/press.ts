/** What a button or menu entry of ours says when it is pressed: a command, and the incident it is about. */
export interface Press {
  readonly incidentNumber: number | null;
  /** The text after `/lambda`. */
  readonly command: string;
}

/** Every button of ours has an action id that starts with this; others are not ours to answer. */
export const PRESS_PREFIX = 'lambda:';

/** `#12 ack`, or `# help` without an incident. Null when it does not fit Slack's limit: such a button is not offered. */
export function encodePress(press: Press, max: number): string | null {
  const value = `#${press.incidentNumber ?? ''} ${press.command}`.toWellFormed();
  return value.length <= max ? value : null;
}

/** The press behind a value, or null when the value is none of ours. */
export function decodePress(value: string): Press | null {
  const match = /^#(\d{0,9}) (.+)$/su.exec(value);
  if (!match) return null;
  const [, number = '', command = ''] = match;
  return { incidentNumber: number === '' ? null : Number(number), command };
}
