import type { Kind } from './kind.ts';
import { BUILT_IN_KINDS } from './kinds/catalogue.ts';
import { kindsOf } from './kinds/custom.ts';
import type { KubeObject } from './object.ts';

/** The resources the API serves right now: the built-in ones and those added by CustomResourceDefinitions. */
export class KindRegistry {
  readonly #custom = new Map<string, readonly Kind[]>();
  #all: readonly Kind[] = BUILT_IN_KINDS;

  /** Serves what a CustomResourceDefinition describes, from now on. */
  define(definition: KubeObject): void {
    this.#custom.set(definition.metadata.name, kindsOf(definition));
    this.#collect();
  }

  /** Serves it no longer. */
  forget(definitionName: string): void {
    this.#custom.delete(definitionName);
    this.#collect();
  }

  all(): readonly Kind[] {
    return this.#all;
  }

  /** By the plural in a request path. */
  byResource(group: string, version: string, plural: string): Kind | undefined {
    return this.#all.find((kind) => kind.plural === plural && kind.group === group && kind.version === version);
  }

  /** By what an object says of itself. Of a kind with two versions the one named is found, else any. */
  byObject(apiVersion: string, kind: string): Kind | undefined {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const same = this.#all.filter((one) => one.kind === kind && one.group === group);
    return same.find((one) => one.version === version) ?? same[0];
  }

  #collect(): void {
    this.#all = [...BUILT_IN_KINDS, ...[...this.#custom.values()].flat()];
  }
}
