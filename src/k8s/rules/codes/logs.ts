import { type CodeRow, code, type Depth } from '../code.ts';

export type Logged = 'who' | 'container' | 'what' | 'line' | 'verb';

/** A code whose cause a log line names: what it means, what to do, and how deep it lies. */
function logged(
  depth: Depth,
  meaning: (what: string) => string,
  next: (parts: { readonly who: string; readonly what: string }) => string,
  confirms: string,
): CodeRow<Logged> {
  return code<Logged>({
    level: 'critical',
    depth,
    ...(depth === 'cause' ? { byRelease: true } : {}),
    says: ({ who, what, line, verb }) => `${who} ${verb}: ${meaning(what)} ("${line}").`,
    brief: ({ who, what }) => `${who}: ${meaning(what)}`,
    next: (parts) => next(parts),
    confirms: `the container that fails says so in its last lines: ${confirms}`,
    excludes: 'the line is older than its last good start, or others like it are in the logs of healthy containers',
  });
}

const about = (word: string, what: string) => (what ? `${word} ${what}` : word);
const look = (what: string) =>
  what
    ? `Look at ${what}: does its Service have ready endpoints? /lambda diag pods`
    : 'Look at what it calls: /lambda diag pods';

/** What programs say in their logs, by kind of trouble. */
export const LOG_CODES = {
  'log-exec-format': logged(
    'cause',
    () => 'its program is built for another processor',
    () => 'Build the image for the platform of the node.',
    'exec format error',
  ),
  'log-library-missing': logged(
    'cause',
    (what) => about('a shared library is missing', what),
    ({ who }) => `Add the library to the image of ${who}.`,
    'a loader error',
  ),
  'log-module-missing': logged(
    'cause',
    (what) => about('a module or class is missing:', what).replace(/:$/, ''),
    ({ who, what }) =>
      `Add ${what || 'it'} to the image or the dependencies of ${who}; when a release began it, roll that back.`,
    'module, package or class not found',
  ),
  'log-version-mismatch': logged(
    'cause',
    () => 'a version does not fit',
    ({ who }) => `Bring runtime and libraries of ${who} to versions that fit.`,
    'a version error of a runtime',
  ),
  'log-forbidden': logged(
    'cause',
    (what) => `its ServiceAccount may not ${what || 'do what it asks of the API server'}`,
    ({ who }) => `Give the ServiceAccount of ${who} a Role with that verb and resource.`,
    'an RBAC refusal of the API server',
  ),
  'log-port-in-use': logged(
    'cause',
    (what) => about('its port is already in use:', what).replace(/:$/, ''),
    ({ who }) => `Two processes of ${who} want one port: correct the port of one.`,
    'address already in use',
  ),
  'log-bind-denied': logged(
    'cause',
    (what) => about('it may not listen on port', what),
    ({ who }) => `Let ${who} listen on a port above 1024, or give it NET_BIND_SERVICE.`,
    'permission denied on bind',
  ),
  'log-disk-full': logged(
    'cause',
    (what) => `no space is left${what ? ` on ${what}` : ''}`,
    ({ who }) => `Free or enlarge the volume of ${who}.`,
    'no space left on device',
  ),
  'log-readonly': logged(
    'cause',
    (what) => about('its file system is read-only:', what).replace(/:$/, ''),
    ({ who }) => `Mount a writable volume (emptyDir) where ${who} writes.`,
    'read-only file system',
  ),
  'log-memory': logged(
    'cause',
    () => 'it runs out of memory',
    ({ who }) => `Raise the memory limit (and the heap) of ${who}, or make it use less.`,
    'an out-of-memory error of the runtime',
  ),
  'log-too-many-files': logged(
    'cause',
    () => 'it has too many files or file watches open',
    ({ who }) =>
      `Find what ${who} does not close, or raise the limit: of open files, for watches fs.inotify.max_user_watches of the node.`,
    'too many open files, or no more watches of inotify',
  ),
  'log-migration': logged(
    'cause',
    (what) => about('its database schema does not fit:', what).replace(/:$/, ''),
    ({ who }) => `Run or repair the migration of ${who}.`,
    'a missing table, column or database, or a failed migration',
  ),
  'log-database': logged(
    'effect',
    () => 'its database takes no more connections or cannot finish',
    () => 'Look at the database: its connections and locks.',
    'a limit of connections or a lock',
  ),
  'log-database-readonly': logged(
    'effect',
    () => 'the database it writes to takes no writes: it is a replica or read-only',
    () => 'Point it at the primary; did the primary change?',
    'a refusal to write because the server is a replica or read-only',
  ),
  'log-auth': logged(
    'cause',
    (what) => `its credentials are refused${what ? ` (user ${what})` : ''}`,
    ({ who }) => `Correct the credentials of ${who}; were they changed on one side only?`,
    'an authentication error',
  ),
  'log-certificate': logged(
    'cause',
    () => 'a TLS certificate is not accepted',
    () => 'Look at the certificate: its expiry, its names and who signed it.',
    'a TLS or certificate error',
  ),
  'log-dns': logged(
    'effect',
    (what) => about('the host name cannot be resolved:', what).replace(/:$/, ''),
    ({ who, what }) =>
      `Correct the host name ${what} in ${who}, or look at cluster DNS: kubectl -n kube-system get pods -l k8s-app=kube-dns`,
    'a name resolution error',
  ),
  'log-refused': logged(
    'effect',
    (what) => about('the connection is refused by', what).replace(/ by$/, ''),
    ({ what }) => look(what),
    'connection refused',
  ),
  'log-unreachable': logged(
    'effect',
    (what) => about('there is no route to', what).replace(/ to$/, ''),
    ({ what }) => look(what),
    'no route to host',
  ),
  'log-broker': logged(
    'effect',
    (what) => about('its message broker refuses:', what).replace(/:$/, ''),
    () => 'Look at the broker: /lambda diag eventing',
    'an error of the broker',
  ),
  'log-timeout': logged(
    'effect',
    (what) => about('no answer in time from', what).replace(/ from$/, ''),
    ({ what }) => look(what),
    'a time-out',
  ),
  'log-reset': logged(
    'effect',
    (what) => about('the connection is broken off by', what).replace(/ by$/, ''),
    ({ what }) => look(what),
    'connection reset',
  ),
  'log-permission': logged(
    'cause',
    (what) => about('permission denied on', what).replace(/ on$/, ''),
    ({ who }) => `Set runAsUser or fsGroup of ${who} to the owner of the files.`,
    'permission denied',
  ),
  'log-config-missing': logged(
    'cause',
    (what) => about('its configuration lacks', what).replace(/ lacks$/, ' is incomplete'),
    ({ who, what }) => `Set ${what || 'what it names'} for ${who}; when a release began it, roll that back.`,
    'a missing variable, option or file',
  ),
  'log-config-invalid': logged(
    'cause',
    () => 'its configuration is not valid',
    ({ who }) => `Correct the configuration of ${who}; when a change began it, take that back.`,
    'a parse error or an unknown option',
  ),
  'log-syntax': logged(
    'cause',
    () => 'its code does not parse',
    ({ who }) => `Correct the code of ${who}; when a release began it, roll that back.`,
    'a syntax error',
  ),
  'log-file-missing': logged(
    'cause',
    (what) => about('a file is missing:', what).replace(/:$/, ''),
    ({ who, what }) => `Put ${what || 'the file'} into the image or mount it for ${who}.`,
    'no such file',
  ),
  'log-lock': logged(
    'cause',
    () => 'something else holds its lock',
    ({ who }) => `End the other instance of ${who}, or remove the stale lock.`,
    'a lock that is held',
  ),
  'log-not-found': logged(
    'cause',
    (what) => about('what it asks for does not exist:', what).replace(/:$/, ''),
    ({ who, what }) => `Create ${what || 'it'}, or correct its name in ${who}.`,
    'bucket, topic, queue or index not found',
  ),
  'log-rate-limited': logged(
    'effect',
    () => 'it is rate-limited',
    () => 'Ask less often, or raise the limit on the other side.',
    'too many requests',
  ),
  'log-upstream': logged(
    'effect',
    () => 'what it calls answers with errors',
    () => 'Look at what it calls.',
    '5xx or Unavailable answers',
  ),
  'log-too-many-threads': logged(
    'cause',
    () => 'it may start no more threads or processes',
    ({ who }) =>
      `Find what of ${who} starts so many, or raise the limit of processes (podPidsLimit of the kubelet, pids of its cgroup).`,
    'a thread or process could not be created because a limit is reached',
  ),
  'log-panic': logged(
    'cause',
    () => 'its own code fails',
    ({ who }) => `Look at the trace; when a release of ${who} began it, roll that back.`,
    'a panic or an unhandled exception',
  ),
} as const;
