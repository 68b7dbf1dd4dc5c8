import { Worker } from 'node:worker_threads';
import { ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Chart } from './chart.ts';

/** The thread holds about 100 MB while it lives. */
const IDLE_MS = 30_000;
const RENDER_MS = 8_000;

/** Draws charts as PNG without holding up the event loop, and without keeping the process alive. */
export interface Renderer {
  /** Starts the thread for a chart that will be drawn soon, so that it loads while the numbers are read. */
  warm(): void;
  /** @throws ResponderError timeout after 8 s, cancelled, or internal with what failed. */
  render(chart: Chart, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface Pending {
  resolve(png: Uint8Array): void;
  reject(error: ResponderError): void;
}

export function createRenderer(options: { readonly log: Logger; readonly idleMs?: number }): Renderer {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let ids = 0;
  let isClosed = false;

  const end = async (why: ResponderError | null) => {
    clearTimeout(idle);
    const ending = worker;
    worker = null;
    for (const one of pending.values()) one.reject(why ?? new ResponderError('cancelled', 'the chart was not drawn'));
    pending.clear();
    await ending?.terminate();
  };

  const started = (): Worker => {
    if (worker) return worker;
    const isSource = import.meta.url.endsWith('.ts');
    const made = new Worker(new URL(isSource ? './renderWorker.ts' : './renderWorker.js', import.meta.url), {
      name: 'charts',
      // What this process was started with is not meant for it.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 192 },
    });
    made.on('message', (said: { readonly id: number; readonly png?: Uint8Array; readonly problem?: string }) => {
      const one = pending.get(said.id);
      if (!one) return;
      pending.delete(said.id);
      if (said.png) one.resolve(said.png);
      else one.reject(new ResponderError('internal', `the chart could not be drawn: ${said.problem ?? ''}`));
    });
    const failed = (error: Error) => {
      if (worker !== made) return;
      options.log.warn({ err: error }, 'the thread that draws charts ended');
      void end(new ResponderError('internal', `charts cannot be drawn here: ${error.message}`, { cause: error }));
    };
    made.on('error', failed);
    made.on('exit', (code) => failed(new Error(`the thread exited with ${code}`)));
    // After the listeners: they hold the process again.
    made.unref();
    worker = made;
    return made;
  };

  const rest = () => {
    clearTimeout(idle);
    if (pending.size > 0 || worker === null) return;
    worker.unref();
    idle = setTimeout(() => void end(null), options.idleMs ?? IDLE_MS);
    idle.unref();
  };

  return {
    warm() {
      if (isClosed) return;
      started();
      rest();
    },
    async render(chart, signal) {
      if (isClosed || signal.aborted) throw new ResponderError('cancelled', 'the chart was not drawn: stopped before');
      clearTimeout(idle);
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(RENDER_MS)]);
      const id = ++ids;
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      const stop = () => {
        const late = !signal.aborted;
        reject(new ResponderError(late ? 'timeout' : 'cancelled', 'the chart was not drawn in time'));
        // Whatever it hangs in, the next chart gets a thread that works.
        if (late) void end(new ResponderError('timeout', 'the chart was not drawn in time'));
      };
      deadline.addEventListener('abort', stop, { once: true });
      pending.set(id, { resolve, reject });
      try {
        const drawing = started();
        // While something is drawn, and no longer.
        drawing.ref();
        drawing.postMessage({ id, chart });
        return await promise;
      } finally {
        deadline.removeEventListener('abort', stop);
        pending.delete(id);
        rest();
      }
    },
    async close() {
      isClosed = true;
      await end(null);
    },
  };
}
