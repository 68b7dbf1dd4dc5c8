import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterWorld } from '../world.ts';
import { ApiFailure, failureWithCode, internalError } from './failure.ts';

/**
 * Applies the faults in force to a request.
 * @throws ApiFailure when one of them is a refusal; after a reset the socket is gone.
 */
export async function sufferFaults(
  world: ClusterWorld,
  request: { readonly resource: string; readonly namespace: string | undefined },
  response: ServerResponse,
): Promise<void> {
  for (const fault of world.faults.take(request)) {
    switch (fault.kind) {
      case 'latency':
        await sleep(fault.ms, undefined, { ref: false });
        break;
      case 'stall':
        await stall(world, fault);
        break;
      case 'status':
        throw failureWithCode(fault.code, fault.retryAfterSeconds);
      case 'reset':
        reset(response, fault.afterBytes ?? 0);
        break;
      default:
    }
  }
}

/** Delays the request until the election is over, then fails it; later requests are not affected. */
async function stall(world: ClusterWorld, fault: { readonly kind: 'stall'; readonly ms: number }): Promise<void> {
  const left = world.faults.since(fault) + fault.ms - world.clock();
  if (left <= 0) return;
  await sleep(left, undefined, { ref: false });
  throw internalError('etcdserver: leader changed');
}

function reset(response: ServerResponse, afterBytes: number): void {
  const socket = response.socket;
  if (afterBytes === 0) {
    socket?.resetAndDestroy();
    throw new ApiFailure(499, '', 'connection reset');
  }
  const write = response.write.bind(response);
  let left = afterBytes;
  // The answer is cut in its middle, wherever it comes from.
  const cut = (chunk: unknown) => {
    const bytes = Buffer.from(typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : '');
    if (bytes.length < left) {
      left -= bytes.length;
      return write(bytes);
    }
    write(bytes.subarray(0, left), () => socket?.resetAndDestroy());
    return true;
  };
  response.write = cut as ServerResponse['write'];
  response.end = ((chunk: unknown) => {
    cut(chunk);
    return response;
  }) as ServerResponse['end'];
}
