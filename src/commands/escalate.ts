import { numberedChange } from './number.ts';

/** `/lambda escalate [number]`: the next rung of its policy, at once. */
export const escalate = numberedChange({
  name: 'escalate',
  summary: 'call the next people of its policy at once',
  about: [
    'Also when somebody acknowledged and needs more people; after the last rung the first is called again.',
    'By itself that happens while nobody acknowledges. Who is next: oncall. Somebody by name: page.',
  ],
  change: () => ({ kind: 'escalate' }),
  done: (incident) => ({
    title: `#${incident.number}: the next people are called.`,
    summary: 'Who was called stands in its thread and on its timeline.',
  }),
});
