import { numberedChange } from './number.ts';

/** `/lambda unack [number]`: nobody is on it any more. */
export const unack = numberedChange({
  name: 'unack',
  summary: 'hand it back: nobody is on it',
  about: ['The incident is open again, for somebody else to acknowledge.'],
  change: () => ({ kind: 'unacknowledge' }),
  done: (incident) => ({ title: `#${incident.number} is open again.` }),
});
