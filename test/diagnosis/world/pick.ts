/** The first of a list that a story knows is not empty. */
export function first<T>(list: readonly T[]): T {
  return nth(list, 0);
}

/** The element at a place that a story knows is there. */
export function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`no element ${index} of ${list.length}`);
  return found;
}
