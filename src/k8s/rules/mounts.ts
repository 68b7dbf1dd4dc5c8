import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { lastSeen } from '../subjects/event.ts';
import { isReady, type Pod } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { podName, whoOf } from './words.ts';

const NOT_FOUND =
  /(configmap|secret)s? "([^"]+)" not found|references non-existent (config|secret) key: (\S+)|object "[^"/]*"\/"([^"]+)" not registered/i;
const VOLUME_NAME = /(?:MountVolume\.\w+ failed for volume|AttachVolume\.Attach failed for volume) "([^"]+)"/;

/** The latest message of the kubelet or the attach controller about a volume the pod still waits for. */
export function mountCases(pod: Pod, facts: Facts): readonly Case[] {
  const subject = podName(pod);
  if (isReady(pod)) return [];
  const warnings = facts
    .warningsAbout(subject)
    .filter(({ reason }) => /^Failed(?:Mount|AttachVolume|MapVolume)$/.test(reason ?? ''));
  // `Unable to attach or mount volumes: timed out` repeats what another line says with its reason.
  const event =
    warnings.findLast(
      ({ message }) => !/timed out waiting for the condition|context deadline exceeded$/.test(message ?? ''),
    ) ?? warnings.at(-1);
  if (!event) return [];
  const message = event.message ?? '';
  const who = whoOf(pod, facts);
  const base = { subject, at: lastSeen(event), because: [`${event.reason}: ${short(message, 280)}`] };
  const missing = NOT_FOUND.exec(message);
  if (missing?.[2]) {
    const kind = /^secret/i.test(missing[1] ?? '') ? 'Secret' : 'ConfigMap';
    return [found('config-missing', { ...base, parts: { kind, name: missing[2], who } })];
  }
  const volume = VOLUME_NAME.exec(message)?.[1] ?? /volumes?=?\[([^\]]+)\]/.exec(message)?.[1] ?? 'of the pod';
  if (missing?.[4]) {
    const own = pod.spec.volumes?.find(({ name }) => name === volume);
    const kind = /secret/i.test(missing[3] ?? '') || own?.secret ? 'Secret' : 'ConfigMap';
    return [
      found('config-key-missing', {
        ...base,
        parts: { kind, name: own?.secret?.secretName ?? own?.configMap?.name ?? volume, key: missing[4], who },
      }),
    ];
  }
  const claim = pod.spec.volumes?.find(({ name }) => name === volume)?.persistentVolumeClaim?.claimName ?? volume;
  const parts = { claim, who, detail: detailOf(message) };
  return [
    found(event.reason === 'FailedAttachVolume' ? 'volume-not-attached' : 'volume-not-mounted', {
      ...base,
      parts,
      confidence: warnings.length > 0 ? 'confirmed' : 'likely',
    }),
  ];
}

function detailOf(message: string): string {
  const multi = /Multi-Attach error for volume "[^"]+"\s*(.*)$/s.exec(message)?.[1];
  if (multi) return short(multi, 150);
  return short(
    message.replace(/^.*?failed for volume "[^"]*"\s*:?\s*/s, '').replace(/^rpc error: code = \w+ desc = /, ''),
    150,
  );
}

/** The volume of a pod on which a path lies, for rules about containers; null for none. */
export function volumeAt(pod: Pod, path: string): { readonly mount: string; readonly name: string } | null {
  const mounts = pod.spec.containers
    .flatMap((one) => one.volumeMounts ?? [])
    .toSorted((a, b) => (b.mountPath?.length ?? 0) - (a.mountPath?.length ?? 0));
  const held = mounts.find(
    ({ mountPath }) => mountPath && (path === mountPath || path.startsWith(`${mountPath.replace(/\/$/, '')}/`)),
  );
  return held ? { mount: held.mountPath ?? '', name: held.name } : null;
}
