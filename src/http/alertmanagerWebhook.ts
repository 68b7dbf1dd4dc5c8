import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkDelivery } from '../alerts/webhook.ts';
import { coerceError } from '../errors.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { createTokenCheck, type KnownToken } from './auth.ts';
import { type Body, HEAD_BYTES, readBody } from './body.ts';
import type { Intake } from './ports.ts';
import { countRefusals } from './refusals.ts';

export interface WebhookOptions {
  readonly intake: Intake;
  /** Empty: the door is open (never so in production). */
  readonly tokens: readonly KnownToken[];
  /** Bytes. */
  readonly maxBody: number;
  readonly clock: () => number;
}

const OPEN: KnownToken = { name: 'alertmanager', token: '', cluster: null };

/**
 * `POST /webhooks/alertmanager`, Alertmanager's webhook version 4
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). Alertmanager retries 5xx and transport
 * errors only, so: 200 once committed, 503 when it cannot be stored, 400 and 413 only for what will never be accepted
 * (with a durable record), 401 without a known token. Never 429, which would tell whoever misspelt a token something else
 * than that: who is refused too often loses the connection, and those with a token notice nothing.
 */
export function alertmanagerWebhook(app: FastifyInstance, options: WebhookOptions): void {
  const check = createTokenCheck(options.tokens);
  const senders = new WeakMap<object, KnownToken>();
  const refusals = countRefusals(app);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) =>
      readBody(payload, options.maxBody),
    );
    scope.addHook('onRequest', async (request, reply) => {
      const sender = options.tokens.length === 0 ? OPEN : check(request.headers.authorization);
      if (sender) senders.set(request.raw, sender);
      else await unauthorized((await refusals(request)) === null ? reply : reply.header('connection', 'close'));
    });
    scope.post('/webhooks/alertmanager', (request, reply) => {
      const sender = senders.get(request.raw) ?? OPEN;
      const parent = request.headers.traceparent;
      return inSpan('POST /webhooks/alertmanager', {}, () => receive(request, reply, sender, options), {
        kind: 'server',
        parent: typeof parent === 'string' ? parent : null,
      });
    });
  });
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  sender: KnownToken,
  options: WebhookOptions,
): Promise<FastifyReply> {
  const body = (request.body as Body | undefined) ?? { kind: 'whole', text: '', size: 0 }; // the parser above made it
  const receivedAt = options.clock();
  const refuse = async (code: 400 | 413, reason: string, head: string) => {
    try {
      await options.intake.refuse({ sender: sender.name, size: body.size, reason, head, at: receivedAt });
    } catch (error) {
      return notStored(request, reply, error);
    }
    request.log.warn({ sender: sender.name, size: body.size, reason }, 'refused a delivery for good');
    if (code === 413) reply.header('connection', 'close');
    return reply.code(code).send({ error: reason });
  };
  if (body.kind === 'too_large') {
    return refuse(
      413,
      `the body has ${body.size} bytes, ${options.maxBody} are allowed: set max_alerts in the Alertmanager receiver, or intake.maxBody in responder.yaml`,
      body.head,
    );
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    return refuse(400, `content-encoding ${encoding} is not understood: send the body as it is`, '(encoded)');
  let delivery: ReturnType<typeof checkDelivery>;
  try {
    delivery = checkDelivery(parseJson(body.text));
  } catch (error) {
    return refuse(400, coerceError(error).message, body.text.slice(0, HEAD_BYTES));
  }
  try {
    const { id } = await options.intake.accept({
      body: body.text,
      sender: sender.name,
      senderCluster: sender.cluster,
      groupKey: delivery.groupKey,
      alertCount: delivery.alertCount,
      receivedAt,
    });
    request.log.info({ delivery: id, alerts: delivery.alertCount, sender: sender.name }, 'accepted a delivery');
    return reply.code(200).send({ delivery: id, alerts: delivery.alertCount });
  } catch (error) {
    return notStored(request, reply, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`the body is not JSON: ${Error.isError(error) ? error.message : String(error)}`);
  }
}

/** Whatever kept it from being stored, the sender must try again: nothing is lost. */
function notStored(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = coerceError(thrown);
  request.log.error({ err: error, code: error.code }, 'a delivery could not be stored');
  return reply
    .code(503)
    .header('retry-after', '5')
    .send({ error: `not stored, send it again: ${error.message}` });
}

async function unauthorized(reply: FastifyReply): Promise<void> {
  await reply.code(401).header('www-authenticate', 'Bearer realm="lambda-responder"').send({
    error:
      'the bearer token is missing or unknown: set authorization.credentials in the Alertmanager receiver to WEBHOOK_TOKEN',
  });
}
