/** A read in the words of kubectl: what was to be done, and how to see whether it is allowed. */
export interface Asked {
  /** `cluster prod: list jobs.batch in knative-lambda-builds` */
  readonly text: string;
  /** `kubectl auth can-i list jobs.batch -n knative-lambda-builds`; null for what is no resource. */
  readonly check: string | null;
}

/** Names a read by cluster, verb, resource and place, from the segments of its path. */
export function asked(cluster: string, path: readonly string[]): Asked {
  const inGroup = path[0] === 'apis';
  const rest = path.slice(inGroup ? 3 : 2);
  const within = rest[0] === 'namespaces' && rest.length > 2 ? (rest[1] ?? null) : null;
  const [kind, name, part] = within === null ? rest : rest.slice(2);
  if (kind === undefined || !(inGroup || path[0] === 'api'))
    return { text: `cluster ${cluster}: GET /${path.join('/')}`, check: null };
  const verb = name === undefined ? 'list' : 'get';
  const resource = `${kind}${inGroup ? `.${path[1]}` : ''}${part === undefined ? '' : `/${part}`}`;
  const which = name === undefined ? '' : ` ${name}`;
  const place = within === null ? '' : ` in ${within}`;
  const flag = within === null ? ' -A' : ` -n ${within}`;
  return {
    text: `cluster ${cluster}: ${verb} ${resource}${which}${place}`,
    check: `kubectl auth can-i ${verb} ${resource}${flag}`,
  };
}
