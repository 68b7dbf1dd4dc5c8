import { numberedChange } from './number.ts';

/** `/lambda ack [number]`: somebody is on it. */
export const ack = numberedChange({
  name: 'ack',
  summary: 'say that you are on it',
  about: ['In an incident’s thread or channel no number is needed.'],
  change: () => ({ kind: 'acknowledge' }),
  done: (incident) => ({ title: `#${incident.number} is yours.` }),
});
