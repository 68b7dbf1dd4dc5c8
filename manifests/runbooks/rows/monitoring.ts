import type { Family, Line } from '../row.ts';

const LOG: Line = ['Its log says which object, and why.', 'diag logs --tail=100'];
const EVENTS: Line = ['What do events say?', 'diag events --field-selector type=Warning'];
const FORBIDDEN = 'forbidden: its role lacks a verb or a namespace. timeout, 5xx: the API server; see its own alerts.';

/** Alerts of prometheus-operator and of the sidecars that reload configuration. */
export const OPERATOR: Family = {
  published: 'prometheus-operator',
  first: [
    ['Do its pods run, and since when?', 'diag pods'],
    ['What went wrong there?', 'diag events --field-selector type=Warning'],
  ],
  verification: ['Its pods are ready and its log is quiet; the alert resolves.', 'diag pods'],
  rollback: 'Put the object or the version of the operator that was changed back in Git.',
  escalation: 'Whoever owns monitoring, within the working day.',
  rows: [
    {
      alert: 'PrometheusOperatorListErrors',
      severity: 'sev3',
      title: 'The Prometheus operator cannot list objects',
      meaning: 'More than 40 % of the list requests of its controller `{{ labels.controller }}` fail.',
      impact: 'Changes of rules and monitors do not reach Prometheus. What runs goes on.',
      diagnosis: [LOG, FORBIDDEN],
      mitigation: ['Give its ServiceAccount what it lacks; after an upgrade apply the new CRDs and roles too.'],
    },
    {
      alert: 'PrometheusOperatorWatchErrors',
      severity: 'sev3',
      title: 'The Prometheus operator cannot watch objects',
      meaning: 'More than 40 % of the watch requests of its controller `{{ labels.controller }}` fail.',
      impact: 'Changes of rules and monitors do not reach Prometheus. What runs goes on.',
      diagnosis: [LOG, FORBIDDEN],
      mitigation: ['Give its ServiceAccount what it lacks; after an upgrade apply the new CRDs and roles too.'],
    },
    {
      alert: 'PrometheusOperatorSyncFailed',
      severity: 'sev3',
      title: 'The Prometheus operator cannot bring an object about',
      meaning: 'Its controller `{{ labels.controller }}` fails to reconcile objects, and has for ten minutes.',
      impact: 'Those Prometheuses or Alertmanagers stay as they were.',
      diagnosis: [
        LOG,
        'A Secret or ConfigMap the object names is missing; a field of a StatefulSet cannot be changed.',
        EVENTS,
      ],
      mitigation: ['Correct the object the log names.'],
    },
    {
      alert: 'PrometheusOperatorReconcileErrors',
      severity: 'sev3',
      title: 'The Prometheus operator makes errors',
      meaning: 'More than 10 % of the reconciliations of `{{ labels.controller }}` fail.',
      impact: 'Some changes do not arrive.',
      diagnosis: [LOG, FORBIDDEN],
      mitigation: ['Correct the object the log names, or the operator’s role.'],
    },
    {
      alert: 'PrometheusOperatorStatusUpdateErrors',
      severity: 'sev3',
      title: 'The Prometheus operator cannot write a status',
      meaning: 'More than 10 % of the status updates of `{{ labels.controller }}` fail.',
      impact: 'Statuses mislead; nothing else breaks.',
      diagnosis: [
        LOG,
        'forbidden on `/status`: the role is older than the operator. conflict: two operators look after the same objects.',
      ],
      mitigation: ['Apply the roles of its version; keep one operator per namespace.'],
    },
    {
      alert: 'PrometheusOperatorNodeLookupErrors',
      severity: 'sev3',
      title: 'The Prometheus operator cannot read nodes',
      meaning: 'The operator in `{{ labels.namespace }}` cannot look up the addresses of nodes.',
      impact: 'The kubelets’ endpoints get old: metrics of new nodes are missing.',
      diagnosis: [LOG, ['Are the nodes well?', 'diag nodes']],
      mitigation: ['Allow it to list nodes.'],
    },
    {
      alert: 'PrometheusOperatorNotReady',
      severity: 'sev3',
      title: 'The Prometheus operator is not ready',
      meaning: 'Its controller `{{ labels.controller }}` is not ready to reconcile.',
      impact: 'Changes of rules and monitors do not reach Prometheus. What runs goes on.',
      diagnosis: [LOG, 'A CRD is missing or older than the operator.'],
      mitigation: ['Apply the CRDs of its version, then restart it.'],
    },
    {
      alert: 'PrometheusOperatorRejectedResources',
      severity: 'sev3',
      title: 'A rule or monitor was rejected',
      meaning: 'The operator rejected objects of kind `{{ labels.resource }}` for `{{ labels.controller }}`.',
      impact: 'Those rules do not fire, those targets are not scraped.',
      diagnosis: [LOG, EVENTS],
      mitigation: [
        [
          'Check the rules of the object the log names before they are applied again.',
          'lambda-responder rules lint FILE',
        ],
      ],
    },
    {
      alert: 'ConfigReloaderSidecarErrors',
      severity: 'sev3',
      title: 'A configuration is not reloaded',
      meaning: 'The config-reloader of `{{ labels.pod }}` has not loaded its configuration for ten minutes.',
      impact: 'It goes on with the former configuration.',
      diagnosis: [
        ['What does the reloader say?', 'diag logs -c config-reloader --tail=50'],
        'The configuration is wrong: the main container’s log names the line.',
      ],
      mitigation: ['Undo the last change of that configuration.'],
    },
  ],
};

/** Alerts of Alertmanager about itself. */
export const ALERTMANAGER: Family = {
  published: 'alertmanager',
  first: [
    ['Do its pods run, and since when?', 'diag pods'],
    ['What went wrong there?', 'diag events --field-selector type=Warning'],
    ['What changed shortly before?', 'diag changes --since 6h'],
  ],
  verification: ['All its pods are ready; the alert resolves.', 'diag pods'],
  rollback: 'Put the former configuration of Alertmanager back in Git.',
  escalation: 'Whoever owns monitoring, at once: notifications are at stake.',
  rows: [
    {
      alert: 'AlertmanagerFailedReload',
      severity: 'sev2',
      title: 'Alertmanager runs on an old configuration',
      meaning: '`{{ labels.pod }}` could not load its configuration for ten minutes.',
      impact:
        'New routes and receivers are not there. After a restart it would not come up: then nobody is told anything.',
      diagnosis: [
        LOG,
        [
          'What exactly is wrong?',
          'kubectl exec -n {{ labels.namespace }} {{ labels.pod }} -c alertmanager -- amtool check-config /etc/alertmanager/config_out/alertmanager.env.yaml',
        ],
      ],
      mitigation: [
        'Undo the last change.',
        [
          'Before it is applied again: does everybody still hear what they heard?',
          'lambda-responder config check --alertmanager FILE',
        ],
      ],
    },
    {
      alert: 'AlertmanagerMembersInconsistent',
      severity: 'sev2',
      title: 'The Alertmanagers do not see each other',
      meaning: '`{{ labels.pod }}` has not found all other members of its cluster.',
      impact: 'Notifications come twice; a silence set in one does not hold in the other.',
      diagnosis: [LOG, 'Port 9094 (TCP and UDP) is closed between them, or a member is down.'],
      mitigation: ['Open port 9094 between the pods; restart the one that is alone.'],
    },
    {
      alert: 'AlertmanagerFailedToSendAlerts',
      severity: 'sev3',
      title: 'An Alertmanager cannot send some notifications',
      meaning: 'More than 1 % of what `{{ labels.pod }}` sends by `{{ labels.integration }}` fails.',
      impact: 'Perhaps none: another member may have sent them.',
      diagnosis: [
        LOG,
        '401, 403: a token. 404: a channel or address. 429: too many. timeout: a proxy or NetworkPolicy.',
      ],
      mitigation: ['Correct the receiver of that integration.'],
    },
    {
      alert: 'AlertmanagerClusterFailedToSendAlerts',
      severity: 'sev2',
      title: 'No Alertmanager can send by an integration',
      meaning: 'All members fail to send by `{{ labels.integration }}`.',
      impact: 'Whoever is told that way is told nothing.',
      diagnosis: [
        LOG,
        '401, 403: a token that expired or was replaced. timeout: the provider is down, or the way out is closed.',
      ],
      mitigation: ['Correct the token or address; until then route what is critical to another receiver as well.'],
    },
    {
      alert: 'AlertmanagerConfigInconsistent',
      severity: 'sev2',
      title: 'The Alertmanagers have different configurations',
      meaning: 'Members of `{{ labels.service }}` run on different configurations.',
      impact: 'Who is told depends on which member sends.',
      diagnosis: [LOG, 'One could not reload; or an upgrade is half done.'],
      mitigation: ['Restart the member with the older configuration once the new one is valid.'],
    },
    {
      alert: 'AlertmanagerClusterDown',
      severity: 'sev2',
      title: 'Half of the Alertmanagers or more are down',
      meaning: 'Half or more of the members of `{{ labels.service }}` have not answered for most of five minutes.',
      impact: 'With the last one all notifications stop.',
      diagnosis: [LOG, ['Is a node the cause?', 'diag nodes'], EVENTS],
      mitigation: ['Bring the pods back: room, image, volume. See what their events say.'],
    },
    {
      alert: 'AlertmanagerClusterCrashlooping',
      severity: 'sev2',
      title: 'Half of the Alertmanagers or more crash',
      meaning: 'Half or more of the members of `{{ labels.service }}` have restarted five times in ten minutes.',
      impact: 'Notifications are late or lost.',
      diagnosis: [
        ['What did it say before it ended?', 'diag logs --previous --tail=60'],
        'OOMKilled: very many alerts at once, or too little memory.',
      ],
      mitigation: ['Undo the last change of its configuration, or give it more memory.'],
    },
  ],
};

/** The alert of Grafana that kube-prometheus ships. */
export const GRAFANA: Family = {
  published: null,
  first: [
    ['Do its pods run, and since when?', 'diag pods'],
    ['What went wrong there?', 'diag events --field-selector type=Warning'],
  ],
  verification: ['Its pods are ready; pages open.', 'diag pods'],
  rollback: 'Put the former version or data source of Grafana back.',
  escalation:
    'Whoever owns monitoring, within the working day. Alerts do not need Grafana, unless its own alerting is used.',
  rows: [
    {
      alert: 'GrafanaRequestsFailing',
      severity: 'sev3',
      title: 'Grafana answers with errors',
      meaning: 'More than half of the requests to `{{ labels.handler }}` of Grafana end in 5xx.',
      impact: 'Dashboards do not open.',
      diagnosis: [LOG, 'Its database is locked or full; a data source does not answer; a plugin crashes.'],
      mitigation: ['Restart it once its log is read; mend its database or the data source.'],
    },
  ],
};
