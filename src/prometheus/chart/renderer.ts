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
  /** A chart, or a picture given as SVG. @throws ResponderError timeout after 8 s, cancelled, or internal with what failed. */
  render(chart: Chart | string, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface Pending {
  resolve(png: Uint8Array): void;
  reject(error: ResponderError): void;
}

export function createRenderer(options: { readonly log: Logger; readonly idleMs?: number }): Renderer {
  const thread = createThread(options.log);
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  const rest = () => {
    clearTimeout(idle);
    if (!thread.rest()) return;
    idle = setTimeout(() => void thread.end(null), options.idleMs ?? IDLE_MS);
    idle.unref();
  };

  return {
    warm() {
      if (isClosed) return;
      thread.start();
      rest();
    },
    async render(chart, signal) {
      if (isClosed || signal.aborted) throw new ResponderError('cancelled', 'the chart was not drawn: stopped before');
      clearTimeout(idle);
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(RENDER_MS)]);
      const drawing = Promise.withResolvers<Uint8Array>();
      const stop = () => {
        const late = !signal.aborted;
        drawing.reject(new ResponderError(late ? 'timeout' : 'cancelled', 'the chart was not drawn in time'));
        // The thread hangs: the next chart gets a new one.
        if (late) void thread.end(new ResponderError('timeout', 'the chart was not drawn in time'));
      };
      deadline.addEventListener('abort', stop, { once: true });
      try {
        return await thread.draw(chart, drawing);
      } finally {
        deadline.removeEventListener('abort', stop);
        rest();
      }
    },
    async close() {
      isClosed = true;
      clearTimeout(idle);
      await thread.end(null);
    },
  };
}

/** The thread that draws, started when it is needed, and the charts that are being drawn. */
function createThread(log: Logger) {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let ids = 0;

  /** Ends the thread; the charts that are being drawn fail with `why`, or as cancelled. */
  const end = async (why: ResponderError | null) => {
    const ending = worker;
    worker = null;
    for (const one of pending.values()) one.reject(why ?? new ResponderError('cancelled', 'the chart was not drawn'));
    pending.clear();
    await ending?.terminate();
  };

  const start = (): Worker => {
    if (worker) return worker;
    const made = newWorker();
    made.on('message', (said: Drawn) => settle(pending, said));
    const failed = (error: Error) => {
      if (worker !== made) return;
      log.warn({ err: error }, 'the thread that draws charts ended');
      void end(new ResponderError('internal', `charts cannot be drawn here: ${error.message}`, { cause: error }));
    };
    made.on('error', failed);
    made.on('exit', (code) => failed(new Error(`the thread exited with ${code}`)));
    // Last, because adding a listener refs the thread again.
    made.unref();
    worker = made;
    return made;
  };

  return {
    start,
    end,
    /** Lets the process end with the thread in it. False, and nothing done, without a thread or while it draws. */
    rest(): boolean {
      if (pending.size > 0 || worker === null) return false;
      worker.unref();
      return true;
    },
    async draw(
      chart: Chart | string,
      { promise, resolve, reject }: PromiseWithResolvers<Uint8Array>,
    ): Promise<Uint8Array> {
      const id = ++ids;
      pending.set(id, { resolve, reject });
      try {
        const drawing = start();
        // The thread holds the process only while it draws.
        drawing.ref();
        drawing.postMessage({ id, chart });
        return await promise;
      } finally {
        pending.delete(id);
      }
    },
  };
}

/** What the thread answers: the picture, or what went wrong. */
interface Drawn {
  readonly id: number;
  readonly png?: Uint8Array;
  readonly problem?: string;
}

function newWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  return new Worker(new URL(isSource ? './renderWorker.ts' : './renderWorker.js', import.meta.url), {
    name: 'charts',
    // The thread inherits none of this process's Node options.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 192 },
  });
}

function settle(pending: Map<number, Pending>, { id, png, problem }: Drawn): void {
  const one = pending.get(id);
  if (!one) return;
  pending.delete(id);
  if (png) one.resolve(png);
  else one.reject(new ResponderError('internal', `the chart could not be drawn: ${problem ?? ''}`));
}
