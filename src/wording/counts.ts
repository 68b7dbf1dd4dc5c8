/** Counts, lists and severities in words. */

/** How many of what: `1 pod`, `3 pods`. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** `a`, `a and b`, `a, b, c and 3 more`; each name once. */
export function listed(names: readonly string[], most = 3): string {
  const all = [...new Set(names)];
  if (all.length > most) return `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '');
}

/** `SEV2`, as people write it. */
export function severityName(severity: string): string {
  return severity.toUpperCase();
}
