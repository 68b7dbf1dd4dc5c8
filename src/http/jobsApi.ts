import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeadLetters } from './ports.ts';

const MOST = 100;
const idParams = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });

/** Work that was given up: listed, read and run again while the responder runs (`lambda-responder jobs`). */
export function jobRoutes(scope: FastifyInstance, dead: DeadLetters): void {
  scope.get('/api/jobs', async () => ({ jobs: await dead.list(MOST) }));

  scope.get('/api/jobs/:id', async (request, reply) => {
    const params = idParams.safeParse(request.params);
    const job = params.success ? await dead.find(params.data.id) : null;
    return job ?? reply.code(404).send({ error: 'no such dead letter: GET /api/jobs lists them' });
  });

  scope.post('/api/jobs/:id/retry', async (request, reply) => {
    const params = idParams.safeParse(request.params);
    if (params.success && (await dead.retry(params.data.id))) return { retried: params.data.id };
    return reply.code(404).send({ error: 'no such dead letter: GET /api/jobs lists them' });
  });
}
