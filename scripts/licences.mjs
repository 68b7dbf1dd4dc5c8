// Writes docs/licences.md: the licence of everything that is shipped, from the lock file and the installed packages.
// Run: node scripts/licences.mjs [--check]
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(root, 'docs/licences.md');

/** Licences under which an Apache-2.0 product may ship a dependency. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Unlicense',
  'PSF-2.0',
  'MIT-0',
  'MPL-2.0',
  'Bitstream-Vera',
  '(MIT OR CC0-1.0)',
  '(MIT OR Apache-2.0)',
  '(BSD-2-Clause OR MIT OR Apache-2.0)',
]);

/** Packages that only point to a file: DejaVu's fonts are under the Bitstream Vera licence, as their LICENSE says. */
const STATED = { 'dejavu-fonts-ttf': 'Bitstream-Vera' };

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const shipped = [];
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev || entry.devOptional) continue;
  // One of these is installed, by platform; they carry the licence of the package that wants them.
  if (entry.os || entry.cpu) continue;
  const file = join(root, path, 'package.json');
  const { name, version, license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  shipped.push({
    name,
    version,
    licence: STATED[name] ?? license?.type ?? license ?? licenses?.[0]?.type ?? entry.license ?? 'not stated',
  });
}
// What is shipped as data: the rules carry the licence in the file.
const rules = JSON.parse(readFileSync(join(root, 'src/redaction/rules/gitleaks.json'), 'utf8'));
const [, version] = /v8 v(\S+),/.exec(rules.source) ?? [];
shipped.push({
  name: 'gitleaks (rules)',
  version,
  licence: rules.licence.startsWith('MIT License') ? 'MIT' : 'not stated',
});
shipped.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
const refused = shipped.filter(({ licence }) => !ALLOWED.has(licence));
const byLicence = Map.groupBy(shipped, ({ licence }) => licence);
const text = `# Licences

What the product ships with, written by \`node scripts/licences.mjs\`; the check in CI fails when it is out of date or when a licence is
not one that an Apache-2.0 product may ship. Tools for development and tests are not shipped and not listed.

${[...byLicence]
  .sort(([, a], [, b]) => b.length - a.length)
  .map(
    ([licence, all]) =>
      `## ${licence} (${all.length})\n\n${[...new Set(all.map(({ name, version }) => `${name} ${version}`))].join(' · ')}`,
  )
  .join('\n\n')}
`;
if (process.argv.includes('--check')) {
  const stale = !existsSync(target) || readFileSync(target, 'utf8') !== text;
  if (stale) console.error('docs/licences.md is out of date: node scripts/licences.mjs');
  for (const { name, version, licence } of refused)
    console.error(`${name} ${version}: licence ${licence} is not allowed`);
  process.exitCode = stale || refused.length > 0 ? 1 : 0;
} else {
  writeFileSync(target, text);
  console.log(`${shipped.length} packages, ${byLicence.size} licences, ${refused.length} not allowed`);
  for (const { name, version, licence } of refused) console.log(`  ${name} ${version}: ${licence}`);
}
