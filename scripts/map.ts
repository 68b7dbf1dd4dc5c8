/**
 * Draws docs/images/architecture.svg from the imports: the rooms of src in layers, an arrow from who imports to what is
 * imported. `npm run map`; with `--check` nothing is written, and a picture that is out of date is an error.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedFile, importsOf, place, ROOT, sources } from './house/sources.ts';

const FILE = join(ROOT, 'docs/images/architecture.svg');
/** What everybody imports, and what imports everybody, would hide the rest. */
const LEAVES = ['errors', 'logger', 'telemetry', 'network', 'wording'];
const ROOTS = ['main', 'cli', 'app', 'config'];

/** Files whose types other rooms fill or carry: an arrow to one goes against the order of the rooms. */
const PORT = /\/(ports|job|invocation|reply)\.ts$/;

const BOX = { width: 132, height: 40 };
const GAP = { x: 34, y: 78 };
const MARGIN = 24;

interface Edge {
  readonly from: string;
  readonly to: string;
  /** Types only: a port that one room declares and another one fills. */
  readonly isPort: boolean;
}

/** The rooms with a wall between them and the rest, and who imports whom. */
export function roomsAndEdges(): { readonly rooms: readonly string[]; readonly edges: readonly Edge[] } {
  const shown = (room: string) => !LEAVES.includes(room) && !ROOTS.includes(room);
  const all = sources('src');
  const rooms = [...new Set(all.map((file) => place(file).room))].filter(shown).toSorted();
  const found = new Map<string, Edge>();
  for (const one of all.flatMap(importsOf)) {
    const target = importedFile(one);
    const [from, to] = [place(one.file).room, target?.startsWith('src/') ? place(target).room : ''];
    if (!rooms.includes(from) || !rooms.includes(to) || from === to) continue;
    const key = `${from} ${to}`;
    const isPort = one.typeOnly && PORT.test(target ?? '') && (found.get(key)?.isPort ?? true);
    found.set(key, { from, to, isPort });
  }
  const edges = [...found.values()].toSorted((a, b) => `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`));
  return { rooms, edges: edges.filter((edge) => !edges.some((other) => isDetour(edge, other, edges))) };
}

/** Whether another arrow begins a way to the same room, so that the straight one tells nothing. */
function isDetour(edge: Edge, other: Edge, edges: readonly Edge[]): boolean {
  const leads = (from: string): boolean =>
    from === edge.to || edges.some((next) => next.from === from && !next.isPort && leads(next.to));
  return !edge.isPort && !other.isPort && other.from === edge.from && other.to !== edge.to && leads(other.to);
}

/** A room stands one row above the highest room it imports values from. */
function rowsOf(rooms: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] {
  const levels = new Map<string, number>();
  const level = (room: string): number => {
    const known = levels.get(room);
    if (known !== undefined) return known;
    levels.set(room, 0);
    const below = edges.filter(({ from, isPort }) => from === room && !isPort).map(({ to }) => level(to) + 1);
    levels.set(room, Math.max(0, ...below));
    return levels.get(room) ?? 0;
  };
  const highest = Math.max(...rooms.map(level));
  return Array.from({ length: highest + 1 }, (_, row) => rooms.filter((room) => level(room) === highest - row));
}

export function drawing(): string {
  const { rooms, edges } = roomsAndEdges();
  const rows = [...rowsOf(rooms, edges), LEAVES];
  const widest = Math.max(...rows.map(({ length }) => length));
  const width = MARGIN * 2 + widest * (BOX.width + GAP.x) - GAP.x;
  const at = new Map<string, { readonly x: number; readonly y: number }>();
  for (const [row, names] of rows.entries()) {
    const left = (width - names.length * (BOX.width + GAP.x) + GAP.x) / 2;
    for (const [column, name] of names.entries())
      at.set(name, { x: left + column * (BOX.width + GAP.x), y: MARGIN + row * (BOX.height + GAP.y) });
  }
  const height = MARGIN * 2 + rows.length * (BOX.height + GAP.y) - GAP.y + 30;
  const boxes = [...at].map(([name, { x, y }]) => {
    const isLeaf = LEAVES.includes(name);
    return `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${isLeaf ? '#f6f8fa' : '#ddf4ff'}" stroke="#57606a"/><text x="${x + BOX.width / 2}" y="${y + 25}" text-anchor="middle">${name}</text>`;
  });
  const note = `<text x="${width / 2}" y="${height - 12}" text-anchor="middle" font-size="11">solid: imports (what leads there another way is left out) · dashed: types of a port only · the last row is open to all · main, cli, app and config stand above and are left out</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="15" fill="#24292f">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#57606a"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...edges.map((edge) => arrow(edge, at)),
    ...boxes,
    note,
    '</svg>\n',
  ].join('\n');
}

function arrow(
  { from, to, isPort }: Edge,
  at: ReadonlyMap<string, { readonly x: number; readonly y: number }>,
): string {
  const [a, b] = [at.get(from), at.get(to)];
  if (!a || !b) return '';
  const [up, level] = [b.y < a.y, b.y === a.y];
  const start = { x: a.x + BOX.width / 2, y: up || level ? a.y : a.y + BOX.height };
  const end = { x: b.x + BOX.width / 2, y: up ? b.y + BOX.height : b.y };
  const bend = level ? -GAP.y / 2 : (end.y - start.y) / 2;
  const path = `M${start.x} ${start.y} C${start.x} ${start.y + bend} ${end.x} ${end.y - (level ? -bend : bend)} ${end.x} ${end.y}`;
  return `<path d="${path}" fill="none" stroke="#57606a" stroke-width="${isPort ? 1 : 1.4}"${isPort ? ' stroke-dasharray="5 4"' : ''} marker-end="url(#tip)"/>`;
}

if (import.meta.main) {
  const text = drawing();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text)
    throw new Error('docs/images/architecture.svg is not what the imports say: npm run map');
}
