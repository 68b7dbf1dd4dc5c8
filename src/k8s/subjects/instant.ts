/** Epoch ms of a Kubernetes time; null when it is missing or none. */
export function instant(time: string | null | undefined): number | null {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
