export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Events are kept for an hour (kube-apiserver --event-ttl). */
export const EVENT_TTL = HOUR;
