import { type Case, found } from './case.ts';

/** Share of requests above which nothing of any size fits. */
const FULL = 0.95;

/** A node whose pods request nearly all it can give, by what (`CPU`, `memory`, `pods`) and share. Only where all its pods were read. */
export function fullNodeCase(node: string, shares: Readonly<Record<string, number | null>>): readonly Case[] {
  const told = Object.entries(shares)
    .filter(([, share]) => (share ?? 0) > FULL)
    .map(([what, share]) => `${what} ${Math.round((share ?? 0) * 100)}%`)
    .join(', ');
  if (told === '') return [];
  const subject = { kind: 'Node', namespace: null, name: node };
  return [
    found('node-full', { subject, parts: { node, shares: told }, because: [`requested of allocatable: ${told}`] }),
  ];
}
