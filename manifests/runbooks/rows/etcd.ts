import type { Family, Line } from '../row.ts';

const ETCDCTL =
  'etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key';
const STATUS: Line = ['Which members answer, who leads, how large?', `${ETCDCTL} endpoint status --cluster -w table`];
const DISK: Line = ['Is its disk slow? A write-ahead log needs below 10 ms at p99.', 'iostat -x 2 3'];
const LOG: Line = ['What does it say?', 'kubectl logs -n kube-system -l component=etcd --tail=60 --prefix'];
const SLOW = 'It shares its disk with images, logs or builds; or a disk of the provider is at its IOPS limit.';
const QUIET = 'Move whatever else writes there; give etcd a disk of its own with enough IOPS.';

/** Alerts of etcd’s mixin: with kube-prometheus-stack, and wherever somebody watches etcd. */
export const ETCD: Family = {
  published: 'etcd',
  first: [
    ['Are the control plane’s nodes ready?', 'diag nodes'],
    ['Do the pods beside it run?', 'diag pods'],
  ],
  verification: ['The nodes are ready, and every member is healthy.', `${ETCDCTL} endpoint health --cluster`],
  rollback: 'Put the former manifest of etcd back; never restore a backup while a majority of members lives.',
  escalation:
    'Whoever runs the control plane, at once: without a majority the cluster can be read by nobody and changed by nobody. Managed clusters: the provider.',
  rows: [
    {
      alert: 'etcdMembersDown',
      severity: 'sev2',
      title: 'A member of etcd is down',
      meaning: 'Members of etcd cluster `{{ labels.job }}` are down, or cannot reach the others.',
      impact: 'None yet while a majority lives; of three, one more stops the whole cluster.',
      diagnosis: [STATUS, LOG, 'Its node is down, its disk full, or a certificate expired.'],
      mitigation: [
        'Bring its node or process back before anything else is restarted.',
        'A member that is lost for good: remove it, then add a new one, one at a time.',
      ],
    },
    {
      alert: 'etcdInsufficientMembers',
      severity: 'sev2',
      title: 'etcd has lost its majority',
      meaning: 'Fewer members of `{{ labels.job }}` live than make a majority.',
      impact: 'The API server can change nothing: no pod is scheduled or replaced. What runs goes on.',
      diagnosis: [STATUS, LOG],
      mitigation: [
        'Bring members back; one may be enough.',
        'Only if a majority is lost for good: restore the newest snapshot to new members.',
      ],
    },
    {
      alert: 'etcdNoLeader',
      severity: 'sev2',
      title: 'A member of etcd knows no leader',
      meaning: 'Member `{{ labels.instance }}` of `{{ labels.job }}` has no leader.',
      impact: 'It answers nothing; if no member has one, the API server can change nothing.',
      diagnosis: [STATUS, LOG, 'The network between members, or slow disks that make elections fail.'],
      mitigation: ['Mend the network between the members (port 2380).', QUIET],
    },
    {
      alert: 'etcdHighNumberOfLeaderChanges',
      severity: 'sev3',
      title: 'The leader of etcd changes often',
      meaning: 'The leader of `{{ labels.job }}` has changed four times or more in 15 minutes.',
      impact: 'Each change stops writes for a second or more: the API server is slow or answers with errors.',
      diagnosis: [DISK, SLOW, LOG],
      mitigation: [QUIET, 'Between data centres: a longer `--heartbeat-interval` and `--election-timeout`.'],
    },
    {
      alert: 'etcdHighNumberOfFailedGRPCRequests',
      severity: 'sev3',
      title: 'Requests to etcd fail',
      meaning: 'More than 1 % (critical: 5 %) of `{{ labels.grpc_method }}` on `{{ labels.instance }}` fail.',
      impact: 'The API server answers some requests with errors.',
      diagnosis: [STATUS, LOG, 'Failing Watch calls alone are most often clients that went away.'],
      mitigation: ['No space: see etcdDatabaseQuotaLowSpace. No leader: see etcdNoLeader.'],
    },
    {
      alert: 'etcdGRPCRequestsSlow',
      severity: 'sev2',
      title: 'Requests to etcd are slow',
      meaning: 'The p99 of `{{ labels.grpc_method }}` on `{{ labels.instance }}` is above 150 ms.',
      impact: 'Everything in Kubernetes is slow; controllers lose their leases.',
      diagnosis: [
        DISK,
        SLOW,
        'Somebody lists very many large objects again and again: look at the API server’s busiest clients.',
      ],
      mitigation: [QUIET, 'Stop the client that lists too much.'],
    },
    {
      alert: 'etcdMemberCommunicationSlow',
      severity: 'sev3',
      title: 'The members of etcd reach each other slowly',
      meaning: 'The round trip from `{{ labels.instance }}` to `{{ labels.To }}` takes more than 150 ms at p99.',
      impact: 'Writes are slow; elections may fail.',
      diagnosis: [
        ['How long does a packet take?', 'ping -c 20 {{ labels.To }}'],
        'The CPU of a control plane node is full.',
        ['Is it?', 'diag top nodes'],
      ],
      mitigation: ['Mend the network; keep members near each other.'],
    },
    {
      alert: 'etcdHighNumberOfFailedProposals',
      severity: 'sev3',
      title: 'Writes to etcd fail',
      meaning: 'More than five proposals of `{{ labels.instance }}` failed in 15 minutes.',
      impact: 'Some changes are refused; clients try again.',
      diagnosis: [STATUS, LOG, 'A change of leader, or a majority that is lost at times.'],
      mitigation: ['Find why the leader changed: disk or network.', QUIET],
    },
    {
      alert: 'etcdHighFsyncDurations',
      severity: 'sev3',
      title: 'The disk of etcd writes slowly',
      meaning: 'Writing the log of `{{ labels.instance }}` to disk takes more than 0.5 s at p99 (critical: 1 s).',
      impact: 'Writes of the whole cluster wait for it; leaders change.',
      diagnosis: [DISK, SLOW],
      mitigation: [QUIET],
    },
    {
      alert: 'etcdHighCommitDurations',
      severity: 'sev3',
      title: 'etcd commits slowly',
      meaning: 'Commits of `{{ labels.instance }}` take more than 250 ms at p99.',
      impact: 'Writes of the whole cluster wait for it.',
      diagnosis: [DISK, SLOW, 'The database is large: see its size.', STATUS],
      mitigation: [QUIET],
    },
    {
      alert: 'etcdDatabaseQuotaLowSpace',
      severity: 'sev2',
      title: 'The database of etcd is almost full',
      meaning: 'The database of `{{ labels.instance }}` has used more than 95 % of its quota.',
      impact: 'When it is full etcd refuses every write: the cluster can be read only.',
      diagnosis: [
        STATUS,
        [
          'What fills it: events, Secrets of releases, custom resources?',
          `${ETCDCTL} get /registry --prefix --keys-only | awk -F/ 'NF {print $3}' | sort | uniq -c | sort -n | tail`,
        ],
      ],
      mitigation: [
        'Delete what is not needed: finished Jobs, old releases, custom resources somebody’s controller leaves behind.',
        ['Compaction runs by itself; give the room back, one member at a time, the leader last.', `${ETCDCTL} defrag`],
        ['After NOSPACE only: end the alarm.', `${ETCDCTL} alarm disarm`],
      ],
    },
    {
      alert: 'etcdExcessiveDatabaseGrowth',
      severity: 'sev3',
      title: 'The database of etcd grows fast',
      meaning: 'At the pace of four hours the database of `{{ labels.instance }}` reaches its quota within four hours.',
      impact: 'When it is full the cluster can be read only.',
      diagnosis: [
        [
          'What grew?',
          `${ETCDCTL} get /registry --prefix --keys-only | awk -F/ 'NF {print $3}' | sort | uniq -c | sort -n | tail`,
        ],
        'A controller that writes in a loop, or a CronJob without a history limit.',
      ],
      mitigation: ['Stop what writes, then delete what it wrote.'],
    },
    {
      alert: 'etcdDatabaseHighFragmentationRatio',
      severity: 'sev3',
      title: 'The database of etcd is mostly empty space',
      meaning: 'Less than half of the file of `{{ labels.instance }}` is in use.',
      impact: 'None now; the quota counts the empty space too.',
      diagnosis: [STATUS],
      mitigation: [
        [
          'Give the room back, one member at a time, the leader last: a member stands still meanwhile.',
          `${ETCDCTL} defrag`,
        ],
      ],
    },
  ],
};
