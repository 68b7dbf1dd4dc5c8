/** Fields whose values name something in a cluster, in Prometheus' spelling and Kubernetes' own. */
const NOUNS = [
  'namespace',
  'pod',
  'container',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'job',
  'job_name',
  'cronjob',
  'node',
  'service',
  'endpoint',
  'endpointslice',
  'ingress',
  'persistentvolume',
  'persistentvolumeclaim',
  'volumename',
  'storageclass',
  'secret',
  'secretname',
  'secret_name',
  'configmap',
  'serviceaccount',
  'service_account',
  'horizontalpodautoscaler',
  'poddisruptionbudget',
  'resourcequota',
  'networkpolicy',
  'certificate',
  'name',
  'uid',
  'revision',
  'fingerprint',
].join('|');
const NAMED = new RegExp(
  `^(?:exported_|label_|kubernetes_|kn_|owner_|created_by_)?(?:${NOUNS})(?:_name|_id|_uid)?$`,
  'i',
);
const IMAGED = /^(?:container_|exported_)?(?:image|image_id|image_spec|digest)$/i;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names */
const OBJECT = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
/** `registry.local:5000/team/app:1.2@sha256:9f86...`, also with the scheme a runtime puts before it. */
const IMAGE =
  /^(?:[a-z-]{3,20}:\/\/)?(?:[a-z0-9.-]{1,253}(?::[0-9]{1,5})?\/)?[a-z0-9._/-]{1,255}(?::[\w.-]{1,128})?(?:@sha256:[a-f0-9]{64})?$/;

/**
 * Whether a field names an object, a namespace or an image, and its value can be such a name: that is never a secret
 * (docs/rules.md, intake and identity). Any other value of such a field is redacted like other text.
 */
export function isObjectName(field: string, value: string): boolean {
  return NAMED.test(field) ? OBJECT.test(value) : IMAGED.test(field) && IMAGE.test(value);
}
