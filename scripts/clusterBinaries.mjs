/**
 * Builds the programs of a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager, kube-scheduler, KWOK)
 * from the Go modules in `test/cluster/binaries/`, whose go.mod and go.sum fix every version and checksum. What is built
 * is kept outside the checkout, a folder for each version, so that only a machine's first run builds.
 *
 *   node scripts/clusterBinaries.mjs            builds what is missing of Kubernetes 1.34, etcd and KWOK
 *   node scripts/clusterBinaries.mjs 1.31       the same for Kubernetes 1.31
 *   node scripts/clusterBinaries.mjs knative    keeps the manifests of Knative Serving, its CustomResourceDefinitions among them
 *   node scripts/clusterBinaries.mjs knative-controllers   Knative Serving's own webhook and controller
 *   node scripts/clusterBinaries.mjs prometheus   the same for Prometheus 3, beside the 2 that Debian has
 *   node scripts/clusterBinaries.mjs --list     says what is there, builds nothing; exit code 1 when something is missing
 *
 * Plain JavaScript for Node 20: it runs before the dependencies are installed.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'cluster', 'binaries');

/** The folder that keeps what was built; safe to delete at any time. */
const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lambda-responder', 'cluster');

/** The minor versions of Kubernetes that have a module here; the first is the default. */
const minors = ['1.34', '1.31'];

/** What has to be there for `1.34` (a control plane), `knative` (manifests) or `knative-controllers` (programs). */
function programSets(wanted) {
  if (wanted === 'prometheus') {
    // Targets are named in files here: the clients of thirty clouds are left out.
    const set = programSet('prometheus', 'github.com/prometheus/prometheus', [
      ['prometheus', 'github.com/prometheus/prometheus/cmd/prometheus'],
    ]);
    return [{ ...set, tags: 'remove_all_sd' }];
  }
  const knative = 'knative.dev/serving';
  if (wanted === 'knative') return [programSet('knative', knative, [])];
  if (wanted === 'knative-controllers') return [programSet('knative', knative, KNATIVE_PROGRAMS, wanted)];
  if (!minors.includes(wanted))
    throw new Error(`no module for ${wanted}: choose one of ${minors.join(', ')}, knative, knative-controllers`);
  const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return [
    programSet(
      `kubernetes-${wanted}`,
      'k8s.io/kubernetes',
      kubernetes.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`]),
      'kubernetes',
    ),
    programSet('etcd', 'go.etcd.io/etcd/server/v3', [['etcd', 'go.etcd.io/etcd/server/v3']]),
    programSet('kwok', 'sigs.k8s.io/kwok', [['kwok', 'sigs.k8s.io/kwok/cmd/kwok']]),
  ];
}

const KNATIVE_PROGRAMS = [
  ['webhook', 'knative.dev/serving/cmd/webhook'],
  ['controller', 'knative.dev/serving/cmd/controller'],
];

/**
 * Knative's programs listen on every address of the machine and take no other: they are built with the three places in
 * `knative.dev/pkg` that say so changed to loopback. Nothing else of them is changed.
 */
const ON_LOOPBACK = {
  module: 'knative.dev/pkg',
  lines: {
    'webhook/webhook.go': ['fmt.Sprint(":", wh.Options.Port)', 'fmt.Sprint("127.0.0.1:", wh.Options.Port)'],
    'injection/health_check.go': ['":" + strconv.Itoa(port)', '"127.0.0.1:" + strconv.Itoa(port*0)'],
    'observability/runtime/pprof.go': ['":" + port', '"127.0.0.1:" + port'],
  },
};

/** Modules whose manifests (`config/`) are kept: module and name of the kept folder. */
const MANIFESTS = {
  knative: [
    ['knative.dev/serving', 'serving-config'],
    ['knative.dev/networking', 'networking-config'],
  ],
  'knative-controllers': [['knative.dev/caching', 'caching-config']],
};

function programSet(module, required, programs, label = module) {
  const text = readFileSync(join(modules, module, 'go.mod'), 'utf8');
  const version = text.match(new RegExp(`^(?:require )?\\s*${required} (v\\S+)`, 'm'))?.[1];
  if (!version) throw new Error(`test/cluster/binaries/${module}/go.mod requires no ${required}`);
  const name = `${label}-${version}-${process.platform}-${process.arch}`;
  return { module, version, programs, label, kept: join(cacheFolder(), name) };
}

/** Without these `/version` says v0.0.0, and clients misbehave. */
function versionFlags({ module, version }) {
  // The module v0.316.0 is Prometheus 3.16.0.
  if (module === 'prometheus') {
    const [, major, minor, patch] = version.match(/^v0\.(\d)(\d+)\.(\d+)/) ?? [];
    return `-X github.com/prometheus/common/version.Version=${major}.${Number(minor)}.${patch}`;
  }
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

/** What the modules need; a Go that cannot fetch a newer one by itself (before 1.21, Debian 12 has 1.19) is told to. */
const GO_VERSION = '1.26.8';
let goCommand = process.env.GO || 'go';

/**
 * Finds a Go that builds the modules. The toolchain is a Go module too, checked like any other against the checksum
 * database; only its programs have to be made executable: https://go.dev/doc/toolchain
 */
function findGo() {
  const run = (args, options = {}) => execFileSync(goCommand, args, { encoding: 'utf8', ...options });
  let version;
  try {
    version = run(['env', 'GOVERSION']).trim() || run(['version']);
  } catch (error) {
    throw new Error(`there is no Go (${error.message}): .ci/packages installs it`);
  }
  const [, major, minor] = version.match(/go(\d+)\.(\d+)/) ?? [];
  if (Number(major) > 1 || Number(minor) >= 21) return;
  const folder = mkdtempSync(join(tmpdir(), 'go-toolchain-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module toolchain\n\ngo 1.19\n');
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const wanted = `golang.org/toolchain@v0.0.1-go${GO_VERSION}.${process.platform}-${architecture}`;
    console.log(`${version.trim()} is too old: fetching Go ${GO_VERSION} as a module`);
    const { Dir } = JSON.parse(run(['mod', 'download', '-json', wanted], { cwd: folder, maxBuffer: 1 << 24 }));
    for (const programs of ['bin', `pkg/tool/${process.platform}_${architecture}`])
      if (existsSync(join(Dir, programs)))
        for (const name of readdirSync(join(Dir, programs))) chmodSync(join(Dir, programs, name), 0o755);
    goCommand = join(Dir, 'bin', 'go');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function go(args, folder) {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly', GOWORK: 'off' };
  return new Promise((resolve, reject) => {
    const child = spawn(goCommand, args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'pipe'] });
    // Its last words say why: no network, no room on the disk.
    let last = '';
    child.stderr.on('data', (chunk) => {
      process.stderr.write(chunk);
      last = `${last}${chunk}`.slice(-1000);
    });
    // Who is told to end, ends what it started.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill('SIGINT'));
    child.on('error', (error) => reject(new Error(`cannot run go (see .ci/packages): ${error.message}`)));
    child.on('close', (code, signal) => {
      const why = last.trim().split('\n').at(-1);
      if (code === 0) resolve();
      else reject(new Error(`go ${args[0]} ended with ${signal ?? code}${why ? `: ${why.trim()}` : ''}`));
    });
  });
}

async function build(set) {
  const begin = Date.now();
  const making = `${set.kept}.${process.pid}`;
  // Built from a copy: the checkout may change meanwhile.
  const source = join(making, 'module');
  cpSync(join(modules, set.module), source, { recursive: true });
  try {
    if (set.label === 'knative-controllers') await keepOnLoopback(source);
    for (const [name, path] of set.programs) {
      await go(
        [
          'build',
          ...(set.tags ? ['-tags', set.tags] : []),
          '-trimpath',
          '-ldflags',
          `-s -w ${versionFlags(set)}`,
          '-o',
          join(making, name),
          path,
        ],
        source,
      );
      console.log(`${name} ${set.version}: built, ${Math.round((Date.now() - begin) / 1000)} s`);
    }
    for (const [path, name] of MANIFESTS[set.label] ?? [])
      cpSync(join(await moduleFolder(path, source), 'config'), join(making, name), {
        recursive: true,
        dereference: true,
      });
    rmSync(source, { recursive: true });
    // Only a whole folder has its final name: a build that is killed leaves nothing that looks finished.
    if (!existsSync(set.kept)) renameSync(making, set.kept);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Where the unpacked module lies, fetched when it is not there. */
async function moduleFolder(path, source) {
  await go(['mod', 'download', path], source);
  return execFileSync(goCommand, ['list', '-m', '-f', '{{.Dir}}', path], { cwd: source, encoding: 'utf8' }).trim();
}

/** Builds from a copy of the module in which every address to listen on is loopback's. */
async function keepOnLoopback(source) {
  const copy = join(source, 'on-loopback');
  cpSync(await moduleFolder(ON_LOOPBACK.module, source), copy, { recursive: true });
  // Modules lie in folders that nobody may write to, nor remove.
  chmodSync(copy, 0o755);
  for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  for (const [file, [from, to]] of Object.entries(ON_LOOPBACK.lines)) {
    const text = readFileSync(join(copy, file), 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${ON_LOOPBACK.module}/${file} does not say ${from} once`);
    chmodSync(join(copy, file), 0o644);
    writeFileSync(join(copy, file), text.replace(from, to));
  }
  await go(['mod', 'edit', '-replace', `${ON_LOOPBACK.module}=./on-loopback`], source);
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
  if (sets.some((set) => !existsSync(set.kept))) findGo();
  await locked(async () => {
    // What a build that was killed left behind; nobody else builds now.
    for (const name of readdirSync(cacheFolder()))
      if (/\.\d+$/.test(name)) rmSync(join(cacheFolder(), name), { recursive: true, force: true });
    for (const set of sets) if (!existsSync(set.kept)) await build(set);
  });
  for (const set of sets) console.log(set.kept);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
