/**
 * Builds the programs of a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager, kube-scheduler, KWOK)
 * from the Go modules in `test/cluster/binaries/`, whose go.mod and go.sum fix every version and checksum. What is built
 * is kept outside the checkout, a folder for each version, so that only a machine's first run builds.
 *
 *   node scripts/clusterBinaries.mjs            builds what is missing of Kubernetes 1.34, etcd and KWOK
 *   node scripts/clusterBinaries.mjs 1.31       the same for Kubernetes 1.31
 *   node scripts/clusterBinaries.mjs knative    Knative Serving's webhook and controller, and its manifests
 *   node scripts/clusterBinaries.mjs --list     says what is there, builds nothing; exit code 1 when something is missing
 *
 * Plain JavaScript for Node 20: it runs before the dependencies are installed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'cluster', 'binaries');

/** The folder that keeps what was built; safe to delete at any time. */
const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lambda-responder', 'cluster');

/** The minor versions of Kubernetes that have a module here; the first is the default. */
const minors = ['1.34', '1.31'];

/** What has to be there for `1.34` (a control plane) or `knative` (the webhook and controller of Knative Serving). */
function programSets(wanted) {
  if (wanted === 'knative')
    return [
      programSet('knative', 'knative.dev/serving', [
        ['knative-webhook', 'knative.dev/serving/cmd/webhook'],
        ['knative-controller', 'knative.dev/serving/cmd/controller'],
      ]),
    ];
  if (!minors.includes(wanted)) throw new Error(`no module for ${wanted}: choose one of ${minors.join(', ')}, knative`);
  const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return [
    programSet(
      `kubernetes-${wanted}`,
      'k8s.io/kubernetes',
      kubernetes.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`]),
    ),
    programSet('etcd', 'go.etcd.io/etcd/server/v3', [['etcd', 'go.etcd.io/etcd/server/v3']]),
    programSet('kwok', 'sigs.k8s.io/kwok', [['kwok', 'sigs.k8s.io/kwok/cmd/kwok']]),
  ];
}

/** Modules whose manifests (`config/`) are kept beside the programs: module and name of the kept folder. */
const MANIFESTS = {
  knative: [
    ['knative.dev/serving', 'serving-config'],
    ['knative.dev/networking', 'networking-config'],
  ],
};

function programSet(module, required, programs) {
  const text = readFileSync(join(modules, module, 'go.mod'), 'utf8');
  const version = text.match(new RegExp(`^(?:require )?\\s*${required} (v\\S+)`, 'm'))?.[1];
  if (!version) throw new Error(`test/cluster/binaries/${module}/go.mod requires no ${required}`);
  const name = `${module.replace(/-.*/, '')}-${version}-${process.platform}-${process.arch}`;
  return { module, version, programs, kept: join(cacheFolder(), name) };
}

/** Without these `/version` says v0.0.0, and clients misbehave. */
function versionFlags({ module, version }) {
  if (!module.startsWith('kubernetes')) return '';
  const [major, minor] = version.slice(1).split('.');
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((name) => [
      `-X ${name}.gitVersion=${version}`,
      `-X ${name}.gitMajor=${major}`,
      `-X ${name}.gitMinor=${minor}`,
    ])
    .join(' ');
}

const goCommand = () => process.env.GO || 'go';

function go(args, folder) {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly', GOWORK: 'off' };
  return new Promise((resolve, reject) => {
    const child = spawn(goCommand(), args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => reject(new Error(`cannot run go (see .ci/packages): ${error.message}`)));
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`go ${args[0]} ended with ${signal ?? code}`)),
    );
  });
}

async function build(set) {
  const begin = Date.now();
  const making = `${set.kept}.${process.pid}`;
  // Built from a copy: the checkout may change meanwhile.
  const source = join(making, 'module');
  cpSync(join(modules, set.module), source, { recursive: true });
  try {
    for (const [name, path] of set.programs) {
      await go(
        ['build', '-trimpath', '-ldflags', `-s -w ${versionFlags(set)}`, '-o', join(making, name), path],
        source,
      );
      console.log(`${name} ${set.version}: built, ${Math.round((Date.now() - begin) / 1000)} s`);
    }
    for (const [path, name] of MANIFESTS[set.module] ?? []) {
      const list = ['list', '-m', '-f', '{{.Dir}}', path];
      const folder = execFileSync(goCommand(), list, { cwd: source, encoding: 'utf8' }).trim();
      cpSync(join(folder, 'config'), join(making, name), { recursive: true, dereference: true });
    }
    rmSync(source, { recursive: true });
    // Only a whole folder has its final name: a build that is killed leaves nothing that looks finished.
    if (!existsSync(set.kept)) renameSync(making, set.kept);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Runs the work under a lock file with our process id, so that two builds at once do not share two cores. */
async function locked(work) {
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = join(cacheFolder(), 'building.pid');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lock, 'utf8'));
      if (!alive(owner)) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

async function main(args) {
  const chosen = args.filter((arg) => !arg.startsWith('--'));
  const sets = (chosen.length > 0 ? chosen : minors.slice(0, 1)).flatMap(programSets);
  if (args.includes('--list')) {
    for (const set of sets) console.log(`${existsSync(set.kept) ? 'built  ' : 'missing'} ${set.kept}`);
    process.exitCode = sets.every((set) => existsSync(set.kept)) ? 0 : 1;
    return;
  }
  await locked(async () => {
    for (const set of sets) if (!existsSync(set.kept)) await build(set);
  });
  for (const set of sets) console.log(set.kept);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
