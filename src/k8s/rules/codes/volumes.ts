import { code } from '../code.ts';

type Claimed = 'claim' | 'who' | 'detail';

/** Why a claim has no volume, or a pod cannot have its volume. */
export const VOLUME_CODES = {
  'claim-missing': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who }) => `The PersistentVolumeClaim ${claim} that ${who} mounts does not exist.`,
    brief: ({ claim }) => `claim ${claim} missing`,
    next: ({ claim, who }) => `Create PersistentVolumeClaim ${claim}, or correct the volume of ${who}.`,
    confirms: 'a pod names a claim that is not in the whole list of its namespace, or the scheduler says "not found"',
    excludes: 'the claim exists',
  }),
  'claim-resize-failed': code<Claimed | 'have' | 'want'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, have, want, detail }) =>
      `The volume of PersistentVolumeClaim ${claim}${who} cannot be made larger, from ${have} to ${want}: ${detail}.`,
    brief: ({ claim }) => `volume of ${claim} cannot be resized`,
    next: ({ claim }) => `Free space meanwhile; what its provisioner says: kubectl describe pvc ${claim}`,
    confirms: 'the claim asks for more than it has, and its resizer says that it failed',
    excludes: 'the claim has the size it asks for',
  }),
  'claim-refused': code<Claimed | 'quota' | 'resource' | 'used' | 'hard'>({
    level: 'critical',
    depth: 'shared',
    says: ({ claim, who, quota, resource, used, hard }) =>
      `The PersistentVolumeClaim ${claim} that ${who} mounts does not exist, and the storage quota ${quota} leaves no room for it (${resource}: ${used} of ${hard} in use).`,
    brief: ({ quota, claim }) => `quota ${quota} refuses claim ${claim}`,
    next: ({ quota, claim }) => `Raise ResourceQuota ${quota} or make ${claim} smaller, then create it again.`,
    confirms:
      'a pod names a claim that is not there, and a quota on storage leaves less than the volume that waits for it',
    excludes: 'the claim exists, or the quota has room',
  }),
  'claim-no-class': code<Claimed | 'class'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, detail, class: name }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: its storage class ${name} does not exist${detail}.`,
    brief: ({ class: name }) => `storage class ${name} missing`,
    next: ({ class: name, claim }) => `Create StorageClass ${name}, or make ${claim} anew with a class that exists.`,
    confirms: 'the claim is Pending and its class is in no list, or the controller says that the class is not found',
    excludes: 'the class exists or a volume of that class name fits',
  }),
  'claim-no-default-class': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it names no storage class and none is the default.`,
    brief: ({ claim }) => `no default storage class for ${claim}`,
    next: ({ claim }) => `Mark a StorageClass as default, or name one in ${claim}.`,
    confirms: 'the claim is Pending without a class and no StorageClass is marked default',
    excludes: 'a default class exists',
  }),
  'claim-no-volume': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it asks for no storage class and no persistent volume is available.`,
    brief: ({ claim }) => `no volume for ${claim}`,
    next: ({ claim }) => `Make a PersistentVolume for ${claim}, or make it anew with a storage class.`,
    confirms: 'the claim is Pending without a class and no volume in the whole list is free',
    excludes: 'a volume without a class is free, or a default class exists',
  }),
  'claim-volume-mode': code<Claimed | 'asked' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, asked, offered }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it asks for volume mode ${asked} and the volume has ${offered}.`,
    brief: ({ claim, asked }) => `no volume of mode ${asked} for ${claim}`,
    next: ({ claim }) => `Correct volumeMode of ${claim} or of the volume.`,
    confirms: 'the claim is Pending and every otherwise fitting volume has the other mode',
    excludes: 'a free volume has its mode',
  }),
  'claim-provisioner-silent': code<Claimed | 'provisioner'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, provisioner }) =>
      `The PersistentVolumeClaim ${claim}${who} waits for its provisioner ${provisioner}, which does not answer.`,
    brief: ({ claim, provisioner }) => `provisioner ${provisioner} silent for ${claim}`,
    next: ({ provisioner }) =>
      `Look whether the provisioner ${provisioner} runs: kubectl get pods -A -l app=${provisioner.split('.')[0]}`,
    confirms: 'the claim waits for an external provisioner longer than provisioning takes and no other event came',
    excludes: 'the provisioner has said something, or the claim is bound',
  }),
  'claim-capacity': code<Claimed | 'asked' | 'largest'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, asked, largest }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it asks for a capacity of ${asked} and the largest free volume has ${largest}.`,
    brief: ({ claim, asked }) => `claim ${claim} larger (${asked}) than any volume`,
    next: ({ claim, asked }) => `Make a PersistentVolume of at least ${asked}, or make ${claim} smaller.`,
    confirms: 'the claim is Pending, its class has no provisioner, and every otherwise fitting volume is smaller',
    excludes: 'a free volume is large enough',
  }),
  'claim-access-mode': code<Claimed | 'asked' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, asked, offered }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it asks for access mode ${asked} and the volumes offer ${offered}.`,
    brief: ({ claim, asked }) => `no volume offers ${asked} for ${claim}`,
    next: ({ claim }) => `Make a volume with that access mode, or correct the access mode of ${claim}.`,
    confirms: 'the claim is Pending and every otherwise fitting volume lacks the access mode',
    excludes: 'a free volume has it',
  }),
  'claim-selector': code<Claimed | 'asked'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, asked }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: no volume has the labels its selector asks for (${asked}).`,
    brief: ({ claim, asked }) => `no volume matches the selector ${asked} of ${claim}`,
    next: ({ claim, asked }) => `Label a PersistentVolume with ${asked}, or correct the selector of ${claim}.`,
    confirms: 'the claim is Pending, has a selector, and no volume in the whole list matches it',
    excludes: 'a free volume matches',
  }),
  'claim-class-mismatch': code<Claimed | 'class' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, class: name, offered }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: it asks for storage class ${name} and the volumes there are have ${offered}.`,
    brief: ({ claim, class: name }) => `no volume of storage class ${name} for ${claim}`,
    next: ({ claim, offered }) => `Make ${claim} anew with storage class ${offered}, or a volume of its class.`,
    confirms: 'the claim is Pending, its class provisions nothing, and every free volume has another class',
    excludes: 'a free volume has the class',
  }),
  'claim-volume-taken': code<Claimed | 'volume' | 'by'>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, volume, by }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: its volume ${volume} ${by}.`,
    brief: ({ claim, volume }) => `volume ${volume} of ${claim} not free`,
    next: ({ volume }) =>
      `Free PersistentVolume ${volume} (remove its claimRef when its data is not needed), or name another.`,
    confirms: 'the claim names a volume that does not exist or is bound to another claim',
    excludes: 'the volume is free',
  }),
  'claim-provisioning-failed': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, detail }) =>
      `The PersistentVolumeClaim ${claim}${who} cannot be bound: its provisioner fails (${detail}).`,
    brief: ({ claim }) => `provisioning of ${claim} fails`,
    next: () => 'The provisioner names the reason; look at its pods when it says nothing new.',
    confirms: 'a ProvisioningFailed event of a claim that is still Pending',
    excludes: 'the claim is bound',
  }),
  'claim-pending': code<Claimed>({
    level: 'critical',
    depth: 'failure',
    says: ({ claim, who, detail }) => `The PersistentVolumeClaim ${claim}${who} is not bound to a volume${detail}.`,
    brief: ({ claim }) => `claim ${claim} not bound`,
    next: () => 'Look at its events and at the volumes: /lambda diag storage',
    confirms: 'the claim is Pending longer than provisioning takes, and nothing says why',
    excludes: 'the claim is bound, or its class binds on first use and no pod waits for it',
  }),
  'claim-lost': code<Claimed>({
    level: 'critical',
    depth: 'shared',
    says: ({ claim, who }) =>
      `The PersistentVolumeClaim ${claim}${who} has lost its volume: the PersistentVolume it was bound to is gone.`,
    brief: ({ claim }) => `volume of ${claim} is gone`,
    next: () => 'Restore the volume from a backup; its data may be lost.',
    confirms: "the claim's phase is Lost",
    excludes: 'the claim is Bound',
  }),
  'volume-not-attached': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, detail }) => `The volume ${claim} of ${who} cannot be attached to its node (${detail}).`,
    brief: ({ claim }) => `volume ${claim} cannot be attached`,
    next: () => 'A volume that one node holds is free when its other pod is gone; look at where that pod is.',
    confirms: 'a FailedAttachVolume event of a pod that still waits',
    excludes: 'the pod has started',
  }),
  'volume-not-mounted': code<Claimed>({
    level: 'critical',
    depth: 'cause',
    says: ({ claim, who, detail }) => `The volume ${claim} of ${who} cannot be mounted (${detail}).`,
    brief: ({ claim }) => `volume ${claim} cannot be mounted`,
    next: ({ detail }) => `The node says what it lacks: ${detail}`,
    confirms: 'a FailedMount event of a pod that still waits',
    excludes: 'the pod has started',
  }),
  'config-missing': code<'kind' | 'name' | 'who'>({
    level: 'critical',
    depth: 'cause',
    says: ({ kind, name, who }) => `The ${kind} ${name} that ${who} needs does not exist.`,
    brief: ({ kind, name }) => `${kind} ${name} missing`,
    act: ({ kind, name }) => `Create ${kind} ${name}`,
    next: ({ kind, name, who }) => `Create ${kind} ${name}, or correct its name in ${who}.`,
    confirms: 'the kubelet says that it is not found and the container waits',
    excludes: 'the container has started',
  }),
  'config-key-missing': code<'kind' | 'name' | 'key' | 'who'>({
    level: 'critical',
    depth: 'cause',
    says: ({ kind, name, key, who }) => `The ${kind} ${name} that ${who} needs has no key ${key}.`,
    brief: ({ kind, name, key }) => `key ${key} missing in ${kind} ${name}`,
    act: ({ kind, name, key }) => `Add ${key} to ${kind} ${name}`,
    next: ({ kind, name, key, who }) => `Add the key ${key} to ${kind} ${name}, or correct it in ${who}.`,
    confirms: 'the kubelet says that the key is not there and the container waits',
    excludes: 'the container has started',
  }),
} as const;
