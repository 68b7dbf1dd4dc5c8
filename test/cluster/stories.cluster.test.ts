import { openRealPlace } from './realPlace.ts';
import { describeStories } from './storiesTold.ts';

describeStories(openRealPlace, {});
