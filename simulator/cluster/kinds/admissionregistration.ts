import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;

const mutating = defineKind<MutatingWebhookConfiguration>({
  ...GROUP,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  columns: [nameColumn, column('Webhooks', (one) => one.webhooks?.length ?? 0), ageColumn],
});

const validating = defineKind<ValidatingWebhookConfiguration>({
  ...GROUP,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  columns: [nameColumn, column('Webhooks', (one) => one.webhooks?.length ?? 0), ageColumn],
});

export const admissionRegistrationKinds: readonly Kind[] = [mutating, validating];
