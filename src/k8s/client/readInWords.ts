/** A read in the words of kubectl: the request, and the command that shows whether it is allowed. */
export interface ReadInWords {
  /** `cluster prod: list jobs.batch in knative-lambda-builds` */
  readonly text: string;
  /** `kubectl auth can-i list jobs.batch -n knative-lambda-builds`; null for what is no resource. */
  readonly check: string | null;
}

/** The parts of a path: resource, namespace, name and subresource. */
export interface ReadPlace {
  /** Empty for the core group. */
  readonly group: string;
  /** Null for a path that is no resource. */
  readonly plural: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  /** A subresource: `log`. */
  readonly part: string | null;
}

/** Takes the segments of a path apart. */
export function placeOf(path: readonly string[]): ReadPlace {
  const inGroup = path[0] === 'apis';
  const rest = path.slice(inGroup ? 3 : 2);
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? (rest[1] ?? null) : null;
  const [plural = null, name = null, part = null] = namespace === null ? rest : rest.slice(2);
  const isResource = inGroup || path[0] === 'api';
  return { group: inGroup ? (path[1] ?? '') : '', plural: isResource ? plural : null, namespace, name, part };
}

/** Names a read by cluster, verb, resource and place, from the segments of its path. */
export function readInWords(cluster: string, path: readonly string[]): ReadInWords {
  const { group, plural, namespace, name, part } = placeOf(path);
  if (plural === null) return { text: `cluster ${cluster}: GET /${path.join('/')}`, check: null };
  const verb = name === null ? 'list' : 'get';
  const resource = `${plural}${group === '' ? '' : `.${group}`}${part === null ? '' : `/${part}`}`;
  const which = name === null ? '' : ` ${name}`;
  const place = namespace === null ? '' : ` in ${namespace}`;
  const flag = namespace === null ? ' -A' : ` -n ${namespace}`;
  return {
    text: `cluster ${cluster}: ${verb} ${resource}${which}${place}`,
    check: `kubectl auth can-i ${verb} ${resource}${flag}`,
  };
}
