import { kanikoOomKilled } from './s01-kaniko-oomkilled.ts';
import type { Scenario } from './scenario.ts';

/** Everything that can be started, in the order people are shown it. */
export const SCENARIOS: readonly Scenario[] = [kanikoOomKilled];
