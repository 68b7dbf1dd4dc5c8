import type { Family } from '../row.ts';

const INODES = 'Many small files are the cause: a build cache, sessions, a mail queue, layers of images nobody uses.';
const BIGGEST = 'du -xh --max-depth=2 {{ labels.mountpoint | default "/" }} 2>/dev/null | sort -h | tail -20';
const NTP = 'chronyc tracking || timedatectl status';

/** Alerts of the node exporter's mixin: they name the host by `instance`. */
export const NODE: Family = {
  published: 'node',
  first: [
    ['Is the node well: conditions, room, cordoned?', 'diag nodes'],
    ['How much of their CPU and memory do the nodes use?', 'diag top nodes'],
  ],
  verification: ['The node has no pressure, and the alert resolves.', 'diag nodes'],
  rollback: 'A node that was cordoned or drained for this: `kubectl uncordon` it once it is well.',
  escalation:
    'Whoever runs the machines, within the working day; at once when pods are evicted or the node is not ready.',
  rows: [
    {
      alert: 'NodeFilesystemSpaceFillingUp',
      severity: 'sev3',
      title: 'A filesystem of a node fills up',
      meaning:
        '`{{ labels.device }}` on `{{ labels.instance }}` has little room left, and at the pace of the last six hours none within a day (critical: four hours).',
      impact: 'When it is full the kubelet evicts pods, images are not pulled, and logs are lost.',
      diagnosis: [
        ['Which folder grew?', BIGGEST],
        [
          'Images and dead containers: the kubelet removes them at 85 % only.',
          'crictl images && crictl ps -a | tail -20',
        ],
        'A pod writes into its own layer or an emptyDir without a limit: its ephemeral storage is in the kubelet’s summary.',
      ],
      mitigation: [
        ['Remove images no container uses.', 'crictl rmi --prune'],
        ['Shorten the journal.', 'journalctl --vacuum-size=500M'],
        'A pod that fills it: give it a limit for ephemeral storage, or a volume; restart it to free the room now.',
      ],
    },
    {
      alert: 'NodeFilesystemAlmostOutOfSpace',
      severity: 'sev2',
      title: 'A filesystem of a node is almost full',
      meaning: '`{{ labels.device }}` on `{{ labels.instance }}` has less than 5 % left (critical: 3 %).',
      impact: 'Pods are evicted from this node or about to be; new images are not pulled.',
      diagnosis: [
        ['Which folder is it?', BIGGEST],
        [
          'A file that was deleted and is still open takes room that `du` does not see.',
          'lsof +L1 | sort -k7 -n | tail',
        ],
      ],
      mitigation: [
        ['Remove images no container uses.', 'crictl rmi --prune'],
        ['Shorten the journal.', 'journalctl --vacuum-size=500M'],
        'Nothing to remove: cordon the node, move its pods, and let whoever runs the machines enlarge the disk.',
      ],
    },
    {
      alert: 'NodeFilesystemFilesFillingUp',
      severity: 'sev3',
      title: 'A filesystem of a node runs out of inodes',
      meaning:
        '`{{ labels.device }}` on `{{ labels.instance }}` will have no free inode within a day (critical: four hours).',
      impact: 'No file can be created there then, however much room is left; pods are evicted.',
      diagnosis: [
        INODES,
        [
          'Which folder has most files?',
          'du --inodes -x --max-depth=3 {{ labels.mountpoint | default "/" }} | sort -n | tail',
        ],
      ],
      mitigation: [
        ['Remove images no container uses: each layer has thousands of files.', 'crictl rmi --prune'],
        'Have what makes the files clean up after itself, or give it a volume of its own.',
      ],
    },
    {
      alert: 'NodeFilesystemAlmostOutOfFiles',
      severity: 'sev2',
      title: 'A filesystem of a node has almost no inodes',
      meaning: '`{{ labels.device }}` on `{{ labels.instance }}` has less than 5 % of its inodes free (critical: 3 %).',
      impact: 'Soon no file can be created: containers do not start, pods are evicted.',
      diagnosis: [
        INODES,
        [
          'Which folder has most files?',
          'du --inodes -x --max-depth=3 {{ labels.mountpoint | default "/" }} | sort -n | tail',
        ],
      ],
      mitigation: [
        ['Remove images no container uses.', 'crictl rmi --prune'],
        'Cordon the node and move its pods when that frees too little; more inodes need a new filesystem.',
      ],
    },
    {
      alert: 'NodeNetworkReceiveErrs',
      severity: 'sev3',
      title: 'A network interface receives errors',
      meaning:
        'More than 1 % of what `{{ labels.device }}` on `{{ labels.instance }}` received was broken, for an hour.',
      impact: 'Lost packets: slow answers and timeouts of everything on this node.',
      diagnosis: [
        [
          'Which counter rises: crc and frame mean cable or port, missed and fifo mean too much traffic.',
          'ip -s -s link show {{ labels.device }} && ethtool -S {{ labels.device }} | grep -iE "err|drop|miss|fifo"',
        ],
      ],
      mitigation: [
        'Cable, transceiver or port: have them changed; cordon the node until then if its pods suffer.',
        ['Too much traffic: enlarge the ring buffer.', 'ethtool -g {{ labels.device }}'],
      ],
    },
    {
      alert: 'NodeNetworkTransmitErrs',
      severity: 'sev3',
      title: 'A network interface cannot send',
      meaning: 'More than 1 % of what `{{ labels.device }}` on `{{ labels.instance }}` sent failed, for an hour.',
      impact: 'Lost packets: slow answers and timeouts of everything on this node.',
      diagnosis: [
        [
          'carrier and aborted mean the link, fifo and dropped mean too much traffic.',
          'ip -s -s link show {{ labels.device }} && ethtool {{ labels.device }}',
        ],
      ],
      mitigation: ['Link: have cable and switch port looked at. A wrong duplex or speed: set both ends alike.'],
    },
    {
      alert: 'NodeHighNumberConntrackEntriesUsed',
      severity: 'sev3',
      title: 'The table of connections is almost full',
      meaning: 'More than 75 % of the kernel’s table of tracked connections is used on `{{ labels.instance }}`.',
      impact: 'When it is full new connections are dropped without an error: timeouts that nobody’s log explains.',
      diagnosis: [
        [
          'How full, and with whom?',
          "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max && conntrack -L 2>/dev/null | awk '{print $5}' | sort | uniq -c | sort -n | tail",
        ],
        'One client opens a connection for each request, or a DNS storm: UDP entries stay 30 seconds each.',
      ],
      mitigation: [
        ['Enlarge the table (kube-proxy: `conntrack.maxPerCore`).', 'sysctl -w net.netfilter.nf_conntrack_max=524288'],
        'Have the client reuse connections.',
      ],
    },
    {
      alert: 'NodeTextFileCollectorScrapeError',
      severity: 'sev3',
      title: 'The node exporter cannot read a metrics file',
      meaning: 'A `*.prom` file for the node exporter on `{{ labels.instance }}` cannot be parsed or read.',
      impact: 'What that file tells (updates, RAID, backups) is missing; alerts about it are blind.',
      diagnosis: [
        ['The exporter’s log names the file.', 'diag logs --tail=50'],
        'A script was interrupted while it wrote: it should write a new file and rename it.',
      ],
      mitigation: ['Remove or mend the file; have its writer rename a finished one into place.'],
    },
    {
      alert: 'NodeClockSkewDetected',
      severity: 'sev3',
      title: 'The clock of a node is wrong',
      meaning: 'The clock of `{{ labels.instance }}` is off by more than 50 ms and not coming nearer.',
      impact:
        'Tokens and certificates are refused as not yet or no longer valid; leases are lost; times in logs mislead.',
      diagnosis: [
        ['Does it follow a time server?', NTP],
        'A virtual machine that was paused or moved: its clock jumped.',
      ],
      mitigation: [
        ['Set it right now.', 'chronyc makestep'],
        'No time server answers: open UDP 123 to one, and name two.',
      ],
    },
    {
      alert: 'NodeClockNotSynchronising',
      severity: 'sev3',
      title: 'A node follows no time server',
      meaning: 'The clock of `{{ labels.instance }}` has not been set by a time server for minutes.',
      impact: 'It drifts; later tokens, certificates and leases fail.',
      diagnosis: [['Does the service run, and which servers does it see?', NTP]],
      mitigation: [
        ['Start it.', 'systemctl restart chronyd || systemctl restart systemd-timesyncd'],
        'Its servers do not answer: open UDP 123, or name others.',
      ],
    },
    {
      alert: 'NodeRAIDDegraded',
      severity: 'sev2',
      title: 'A RAID array has lost a disk and has no spare',
      meaning: 'Array `{{ labels.device }}` on `{{ labels.instance }}` is degraded.',
      impact: 'The next failing disk loses its data: that of every local volume on this node.',
      diagnosis: [['Which disk failed?', 'cat /proc/mdstat && mdadm --detail /dev/{{ labels.device }}']],
      mitigation: [
        'Cordon the node and move what has state, before anything else.',
        'Have the disk changed; then add it to the array.',
      ],
    },
    {
      alert: 'NodeRAIDDiskFailure',
      severity: 'sev3',
      title: 'A disk of a RAID array failed',
      meaning:
        'A device of array `{{ labels.device }}` on `{{ labels.instance }}` is marked as failed; a spare may have taken its place.',
      impact: 'Fewer failures are survived than planned.',
      diagnosis: [
        ['Which disk, and is the array rebuilding?', 'cat /proc/mdstat && mdadm --detail /dev/{{ labels.device }}'],
      ],
      mitigation: ['Have the disk changed, remove the failed one from the array and add the new one.'],
    },
    {
      alert: 'NodeFileDescriptorLimit',
      severity: 'sev3',
      title: 'A node runs out of file descriptors',
      meaning: '`{{ labels.instance }}` has more than 70 % of its file descriptors open (critical: 90 %).',
      impact: 'At the limit nothing opens files or connections: every pod on the node fails.',
      diagnosis: [
        [
          'Which process has most?',
          'for p in /proc/[0-9]*; do echo "$(ls $p/fd 2>/dev/null | wc -l) $(cat $p/comm)"; done | sort -n | tail',
        ],
      ],
      mitigation: [
        'Restart what leaks them, and tell its owner.',
        ['Raise the limit.', 'sysctl -w fs.file-max=2097152'],
      ],
    },
    {
      alert: 'NodeCPUHighUsage',
      severity: 'sev4',
      title: 'The CPU of a node is busy',
      meaning: 'CPU of `{{ labels.instance }}` has been above 90 % for 15 minutes.',
      impact: 'Pods without a request get less; those with one get theirs.',
      diagnosis: [['Which pods use it?', 'diag top pods'], 'Builds run there: then it is work, not a fault.'],
      mitigation: [
        'Give the largest consumer a limit or another node; requests that say too little pack a node too full.',
      ],
    },
    {
      alert: 'NodeSystemSaturation',
      severity: 'sev3',
      title: 'More runs on a node than it has cores for',
      meaning: 'The load of `{{ labels.instance }}` has been above two per core for 15 minutes.',
      impact: 'Everything on the node waits; the kubelet may miss its heartbeat and the node become not ready.',
      diagnosis: [
        [
          'Does it wait for CPU or for the disk (`wa`, state D)?',
          'vmstat 1 5; ps -eo state,comm | sort | uniq -c | sort -n | tail -5',
        ],
        ['Which pods use the CPU?', 'diag top pods'],
      ],
      mitigation: ['Move or restart the largest consumer; cordon the node so that it gets no more.'],
    },
    {
      alert: 'NodeMemoryMajorPagesFaults',
      severity: 'sev3',
      title: 'A node reads its memory back from disk',
      meaning: '`{{ labels.instance }}` has had more than 500 major page faults a second for 15 minutes.',
      impact:
        'It is short of memory: programs’ own code is thrown out and read again. All is slow; the OOM killer may be next.',
      diagnosis: [
        ['Which pods use the memory?', 'diag top pods --sort-by=memory'],
        'A program maps large files: then it is work.',
      ],
      mitigation: ['Restart or move what grew; give it a memory limit.'],
    },
    {
      alert: 'NodeMemoryHighUtilization',
      severity: 'sev3',
      title: 'The memory of a node is almost full',
      meaning: '`{{ labels.instance }}` has used more than 90 % of its memory for 15 minutes.',
      impact: 'The kubelet evicts pods soon, or the kernel kills one.',
      diagnosis: [
        ['Which pods use it?', 'diag top pods --sort-by=memory'],
        'No pod does: a process outside Kubernetes, or the kernel (slab).',
      ],
      mitigation: ['Restart what leaks; move pods; requests that say too little pack a node too full.'],
    },
    {
      alert: 'NodeDiskIOSaturation',
      severity: 'sev3',
      title: 'The disk of a node has a queue',
      meaning:
        'More than ten requests have waited for `{{ labels.device }}` on `{{ labels.instance }}` for 30 minutes.',
      impact: 'Slow starts, slow databases; on a control plane node slow etcd, and with it everything.',
      diagnosis: [
        ['Who reads and writes?', 'iostat -x 2 3; pidstat -d 2 3'],
        'Images are being pulled or built there; a disk of the provider is at its IOPS limit.',
      ],
      mitigation: ['Move what writes most; a disk with more IOPS; builds on nodes of their own.'],
    },
    {
      alert: 'NodeSystemdServiceFailed',
      severity: 'sev3',
      title: 'A service of the machine failed',
      meaning: 'systemd on `{{ labels.instance }}` has given up unit `{{ labels.name }}`.',
      impact: 'Depends on the unit: kubelet or containerd take the node down, a timer for updates does not.',
      diagnosis: [['What does it say?', 'systemctl status {{ labels.name }} && journalctl -u {{ labels.name }} -n 50']],
      mitigation: [['Start it again once its cause is known.', 'systemctl restart {{ labels.name }}']],
    },
    {
      alert: 'NodeSystemdServiceCrashlooping',
      severity: 'sev3',
      title: 'A service of the machine restarts again and again',
      meaning:
        'systemd on `{{ labels.instance }}` has restarted unit `{{ labels.name }}` five times in 15 minutes or more.',
      impact: 'Depends on the unit: with kubelet or containerd the pods of the node are not looked after.',
      diagnosis: [['What does it say before it ends?', 'journalctl -u {{ labels.name }} -n 100']],
      mitigation: ['Undo its last change: configuration, package, certificate.'],
    },
    {
      alert: 'NodeBondingDegraded',
      severity: 'sev3',
      title: 'A bonded interface has lost a link',
      meaning: 'Interface `{{ labels.master }}` on `{{ labels.instance }}` runs on fewer links than it has.',
      impact: 'Half the bandwidth, and no spare: the next failure cuts the node off.',
      diagnosis: [['Which link?', 'cat /proc/net/bonding/{{ labels.master }}']],
      mitigation: ['Have cable, transceiver and switch port looked at.'],
    },
    {
      alert: 'NodeNetworkInterfaceFlapping',
      severity: 'sev3',
      title: 'A network interface goes up and down',
      meaning: '`{{ labels.device }}` on `{{ labels.instance }}` has changed its state more than twice in two minutes.',
      impact: 'Connections of the node’s pods break again and again; the node may become not ready.',
      diagnosis: [['What does the kernel say?', 'dmesg -T | grep -i {{ labels.device }} | tail -20']],
      mitigation: [
        'Cordon the node; have cable and switch port looked at. A virtual interface of a pod network: look at the network’s own pod there.',
      ],
    },
  ],
};
