import { expect, it } from '@jest/globals';
import { KIND_WORDS, kindOfWord } from '../../src/alerts/kindWords.ts';
import { KINDS } from '../../src/k8s/subjects/kinds.ts';

it('every kind that is read has words, and every word a kind that is read', () => {
  expect(Object.keys(KIND_WORDS).toSorted()).toEqual(Object.keys(KINDS).toSorted());
});

it('a word means one kind, also with its API group and in capitals', () => {
  const all: readonly string[] = Object.values(KIND_WORDS).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(kindOfWord('Deployment.apps')).toBe('Deployment');
  expect(kindOfWord('deployments.v1.apps')).toBe('Deployment');
  expect(kindOfWord('services.serving.knative.dev')).toBe('KnativeService');
  expect(kindOfWord('SVC')).toBe('Service');
  expect(kindOfWord('widgets')).toBeNull();
});

it('the plural of every resource that is read is a word for its kind', () => {
  for (const [kind, { resource }] of Object.entries(KINDS))
    expect(kindOfWord(resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`)).toBe(kind);
});
