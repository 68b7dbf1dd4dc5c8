import { distance } from 'fastest-levenshtein';

/**
 * The names a person may have meant, nearest first, at most `count`: those that begin with what was typed, then those
 * within two edits, or a third of the length when it is long. [] when nothing is near.
 */
export function nearest(typed: string, names: readonly string[], count: number): readonly string[] {
  const wanted = typed.toLowerCase();
  if (wanted === '' || wanted.length > 200) return [];
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => {
      const plain = name.toLowerCase();
      const begins = wanted.length >= 2 && plain.startsWith(wanted);
      return { name, far: begins ? 0.5 : distance(wanted, plain) };
    })
    .filter(({ far, name }) => far <= tolerance && far < Math.max(name.length, 2))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}
