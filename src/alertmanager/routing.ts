import type { AlertmanagerConfiguration, Receiver, Route } from './configuration.ts';

/** The value of a label; '' when the alert has none of that name. */
export type LabelOf = (name: string) => string;

/**
 * The routes that notify about an alert, in the order in which they are reached. A route's own receiver is notified
 * only when none of its children matched, and a child that matched ends the search among its siblings unless it has
 * `continue`. https://prometheus.io/docs/alerting/latest/configuration/#route
 */
export function routesFor(route: Route, labelOf: LabelOf): readonly Route[] {
  if (!route.matchers.every(({ label, fits }) => fits(labelOf(label)))) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const below = routesFor(child, labelOf);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [route];
}

/** Every route of the tree, parents first. */
export function allRoutes(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(allRoutes)];
}

/** Names of the receivers with a webhook of the responder. */
export function responderReceivers({ receivers }: Pick<AlertmanagerConfiguration, 'receivers'>): readonly Receiver[] {
  return receivers.filter(({ responder }) => responder);
}

/**
 * The routing tree without the responder: routes that lead only to it are removed. A root that notifies only the
 * responder is kept, and the caller leaves that receiver out.
 */
export function withoutResponder({ root, receivers }: AlertmanagerConfiguration): Route {
  const ours = new Set(receivers.filter(({ onlyResponder }) => onlyResponder).map(({ name }) => name));
  const cut = (route: Route): Route => ({
    ...route,
    routes: route.routes.filter((child) => !allRoutes(child).every(({ receiver }) => ours.has(receiver))).map(cut),
  });
  return cut(root);
}
