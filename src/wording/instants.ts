/** Instants in words, from epoch milliseconds. What is read in more than one time zone names its zone. */

/** `2026-11-24 04:31:45 UTC`; `not recorded` for none. */
export function utc(at: number | null): string {
  return at === null ? 'not recorded' : `${isoSeconds(at).replace('T', ' ').slice(0, -1)} UTC`;
}

/** `2026-11-24 04:31 UTC`. */
export function utcMinute(at: number): string {
  return `${isoSeconds(at).replace('T', ' ').slice(0, 16)} UTC`;
}

/** `04:31:45 UTC`, for today. */
export function clockTime(at: number): string {
  return `${isoSeconds(at).slice(11, 19)} UTC`;
}

/** `04:31 UTC`, for today. */
export function clockMinute(at: number): string {
  return `${isoSeconds(at).slice(11, 16)} UTC`;
}

/** `2026-11-24T04:31:45Z`, as Kubernetes writes times and kubectl takes them. */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
