// Loaded before a process (`--import`): its clock goes on as time does, and SIGUSR2 puts it forward by ten seconds, with
// every timer that is due by then. So an outage of ten minutes is lived through in seconds.
import { syncBuiltinESMExports } from 'node:module';
import { install } from '@sinonjs/fake-timers';

const STEP_MS = 10_000;
const goOn = setInterval;
const clock = install({
  now: Date.now(),
  shouldClearNativeTimers: true,
  toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
});
// `import { setTimeout } from 'node:timers/promises'` is a copy made when Node started.
syncBuiltinESMExports();

let last = performance.now();
goOn(() => {
  const now = performance.now();
  clock.tick(Math.floor(now - last));
  last += Math.floor(now - last);
}, 2).unref();
process.on('SIGUSR2', () => void clock.tickAsync(STEP_MS));
