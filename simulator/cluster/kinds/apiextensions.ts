import { defineKind, type Kind } from '../kind.ts';

const customResourceDefinition = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  subresources: ['status'],
});

export const apiExtensionsKinds: readonly Kind[] = [customResourceDefinition];
