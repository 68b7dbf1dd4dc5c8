/** The mask in place of a secret, everywhere. */
export const REDACTED = '[redacted]';

/** Whether a label or an address lost a secret: it is no matcher any more and leads nowhere. */
export function isRedacted(text: string): boolean {
  return text.includes(REDACTED) || text.includes(ENCODED);
}

/** The same inside an address. */
const ENCODED = encodeURIComponent(REDACTED);
