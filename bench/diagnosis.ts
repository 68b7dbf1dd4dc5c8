/**
 * Replays recorded incidents and writes what the first look says of each: `node bench/diagnosis.ts [FOLDER] [--out=FILE]`.
 * FOLDER holds snapshots as `lambda-responder snapshot save` writes them (`.json` or `.json.gz`), or a folder `snapshots` of them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PROFILES } from '../src/alerts/profile.ts';
import { type Snapshot, snapshot } from '../src/k8s/facts/snapshot.ts';
import { replay } from '../src/k8s/look/replay.ts';

const profile = PROFILES.builder;

function readSnapshot(file: string): Snapshot {
  const bytes = readFileSync(file);
  return snapshot.parse(JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')));
}

async function answer(of: Snapshot) {
  const begin = performance.now();
  const look = await replay(of, profile);
  const ms = performance.now() - begin;
  const findings = look.diagnosis.findings.map(({ code, level, confidence, subject, conclusion, because }) => ({
    code,
    level,
    confidence,
    subject: `${subject.kind}/${subject.name}`,
    conclusion,
    because,
  }));
  return { id: of.id, silent: of.silent, namespace: of.namespace, ms: Math.round(ms), ...ownersOf(of), findings };
}

/** By label `app`, else selector, else name: which application an object belongs to, and the claims of each. */
function ownersOf(of: Snapshot) {
  const apps: Record<string, string> = {};
  const claims: Record<string, string[]> = {};
  for (const item of of.objects) {
    const labels = item.metadata.labels as Record<string, string> | undefined;
    const spec = item.spec as
      | { selector?: Record<string, unknown>; volumes?: { persistentVolumeClaim?: { claimName: string } }[] }
      | undefined;
    const selected = typeof spec?.selector?.app === 'string' ? spec.selector.app : undefined;
    const app = labels?.app ?? selected ?? item.metadata.name;
    apps[`${item.kind}/${item.metadata.name}`] = app;
    if (item.kind === 'Pod')
      for (const volume of spec?.volumes ?? [])
        if (volume.persistentVolumeClaim)
          claims[app] = [...(claims[app] ?? []), volume.persistentVolumeClaim.claimName];
  }
  return { apps, claims };
}

const args = process.argv.slice(2);
const folder = args.find((one) => !one.startsWith('--')) ?? join(import.meta.dirname, '../test/diagnosis/snapshots');
const nested = join(folder, 'snapshots');
const place = existsSync(nested) ? nested : folder;
const files = readdirSync(place)
  .filter((name) => /\.json(\.gz)?$/.test(name))
  .toSorted();
if (files.length === 0) throw new Error(`no snapshots (*.json, *.json.gz) in ${place}`);
const answers = [];
for (const name of files) answers.push(await answer(readSnapshot(join(place, name))));
const out = args.find((one) => one.startsWith('--out='))?.slice(6) ?? 'diagnosis.json';
writeFileSync(out, `${JSON.stringify(answers, null, 1)}\n`);
const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
console.log(
  `${answers.length} snapshots from ${place} -> ${out}; a look p50 ${times[Math.floor(times.length * 0.5)]} ms, p95 ${times[Math.floor(times.length * 0.95)]} ms`,
);
