import { code } from '../code.ts';

type Image = 'image' | 'who' | 'container' | 'detail' | 'look';

/** Why an image is not on its node. */
export const IMAGE_CODES = {
  'image-not-found': code<Image>({
    level: 'critical',
    depth: 'cause',
    byRelease: true,
    says: ({ image, who, detail }) => `The image ${image} of ${who} does not exist in its registry${detail}.`,
    brief: ({ image }) => `image ${image} not found`,
    act: ({ who, image }) => `Correct the image of ${who} or push ${image}`,
    next: ({ who, image }) =>
      `Correct the image of ${who} or push ${image}; when a release brought it, roll that back.`,
    confirms: 'the kubelet waits for the image and the registry answered "not found" or "manifest unknown"',
    excludes: 'every container of the workload has started with its image',
  }),
  'image-unauthorized': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who, detail }) =>
      `The registry refuses to give the image ${image} of ${who}: not authorized${detail}.`,
    brief: ({ image }) => `registry refuses ${image}`,
    next: ({ who }) =>
      `Check the pull secret of ${who} (imagePullSecrets of the pod or its ServiceAccount) and its right to read the repository.`,
    confirms: 'the registry answered 401 or 403, or "pull access denied"',
    excludes: 'the image was pulled',
  }),
  'image-pull-secret-missing': code<Image | 'secret'>({
    level: 'critical',
    depth: 'cause',
    says: ({ secret, image, who }) =>
      `The pull secret ${secret} of ${who} does not exist, so the registry does not give ${image}.`,
    brief: ({ secret }) => `pull secret ${secret} missing`,
    next: ({ secret }) => `Create the pull secret ${secret} in the namespace of the pod, or correct its name.`,
    confirms: 'the kubelet says that it cannot retrieve the pull secret, and the pull failed',
    excludes: 'the image was pulled, for a public image needs no secret',
  }),
  'image-network': code<Image | 'registry'>({
    level: 'critical',
    depth: 'cause',
    says: ({ registry, who, image, detail }) =>
      `The registry ${registry} cannot be reached for the image ${image} of ${who}${detail}.`,
    brief: ({ registry }) => `registry ${registry} unreachable`,
    next: ({ registry, image }) =>
      `Check that ${registry} is the registry you mean in ${image}, then DNS and the way out of the node.`,
    confirms: 'the pull ended in a DNS, connection, time-out or TLS error',
    excludes: 'the image was pulled, or the registry answered',
  }),
  'image-name-invalid': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who }) => `The image name ${image} of ${who} is not a valid image reference.`,
    brief: ({ image }) => `invalid image name ${image}`,
    next: ({ who }) => `Correct the image name of ${who}.`,
    confirms: 'the kubelet says InvalidImageName',
    excludes: 'the name can be parsed',
  }),
  'image-never-pulled': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who }) =>
      `The image ${image} of ${who} is not on the node, and imagePullPolicy Never forbids to pull it.`,
    brief: ({ image }) => `${image} not on the node`,
    next: ({ who }) => `Set imagePullPolicy of ${who} to IfNotPresent, or load the image onto the node.`,
    confirms: 'the kubelet says ErrImageNeverPull',
    excludes: 'another pull policy',
  }),
  'image-signature': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who, detail }) =>
      `The image ${image} of ${who} is refused by its node: its signature does not hold${detail}.`,
    brief: ({ image }) => `signature of ${image} refused`,
    next: ({ image }) => `Sign ${image} with a key the nodes trust, or correct their signature policy.`,
    confirms: 'the kubelet says SignatureValidationFailed',
    excludes: 'the image was pulled',
  }),
  'image-platform': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who, detail }) =>
      `The image ${image} of ${who} has no variant for the platform of its node${detail}.`,
    brief: ({ image }) => `${image} is of another platform`,
    next: ({ image }) => `Build ${image} for the platform of the nodes, or place the pod on a node of its platform.`,
    confirms: "the registry has no manifest for the node's platform",
    excludes: 'the image was pulled',
  }),
  'image-registry-failing': code<Image | 'registry'>({
    level: 'critical',
    depth: 'cause',
    says: ({ registry, image, who, detail }) =>
      `The registry ${registry} fails when it is asked for the image ${image} of ${who}: it answers${detail}.`,
    brief: ({ registry }) => `registry ${registry} fails`,
    next: ({ registry }) => `Look at the registry ${registry}; the kubelet goes on trying by itself.`,
    confirms: 'the registry answered with a status of 500 to 599',
    excludes: 'the image was pulled, or the registry said what is wrong with the request',
  }),
  'image-no-space': code<Image | 'node'>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who, node }) =>
      `The image ${image} of ${who} does not fit on the disk of node ${node}: no space is left to unpack it.`,
    brief: ({ image, node }) => `no space on ${node} for ${image}`,
    next: ({ node }) => `Free the image disk of the node, or place the pod elsewhere: /lambda diag nodes ${node}`,
    confirms: 'the container runtime answered "no space left on device" while it pulled or unpacked the image',
    excludes: 'the image was pulled',
  }),
  'image-rate-limited': code<Image>({
    level: 'critical',
    depth: 'cause',
    says: ({ image, who }) => `The registry limits how often ${image} of ${who} may be pulled (too many requests).`,
    brief: () => 'registry rate limit',
    next: () => 'Pull with credentials or through a mirror; the limit ends by itself.',
    confirms: 'the registry answered 429 or "toomanyrequests"',
    excludes: 'the image was pulled',
  }),
  'image-pull': code<Image>({
    level: 'critical',
    depth: 'failure',
    says: ({ image, who, detail }) => `The image ${image} of ${who} cannot be pulled${detail}.`,
    brief: ({ image }) => `${image} cannot be pulled`,
    next: ({ look }) => `Read what the kubelet says: ${look}`,
    confirms: 'the kubelet waits for the image and gives no reason that is known here',
    excludes: 'the image was pulled',
  }),
} as const;
