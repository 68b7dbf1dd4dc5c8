import { openSimulatedPlace } from './simulatedPlace.ts';
import { describeStories } from './storiesTold.ts';

/** The simulator has to be told from a real Kubernetes by nothing that these assertions see. */
describeStories(openSimulatedPlace, {});
