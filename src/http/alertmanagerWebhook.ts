import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SLICE_ALERTS, splitDelivery } from '../alerts/split.ts';
import { checkDelivery } from '../alerts/webhook.ts';
import { coerceError } from '../errors.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { createTokenCheck, type KnownToken } from './auth.ts';
import { type Body, HEAD_BYTES, readBody } from './body.ts';
import { createBudget, LARGE, type Reservation, SMALL } from './budget.ts';
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
  const reservations = new WeakMap<object, Reservation>();
  const budget = createBudget();
  const refusals = countRefusals(app);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
      const reservation = budget.reserve();
      reservations.set(request.raw, reservation);
      try {
        return await readBody(payload, options.maxBody, reservation);
      } catch (error) {
        reservation.release();
        throw error;
      }
    });
    scope.addHook('onRequest', async (request, reply) => {
      const sender = options.tokens.length === 0 ? OPEN : check(request.headers.authorization);
      if (sender) senders.set(request.raw, sender);
      else await unauthorized((await refusals(request)) === null ? reply : reply.header('connection', 'close'));
    });
    scope.post('/webhooks/alertmanager', (request, reply) => {
      const sender = senders.get(request.raw) ?? OPEN;
      const parent = request.headers.traceparent;
      const reservation = reservations.get(request.raw) ?? budget.reserve();
      const take = () => receive(request, reply, sender, options, reservation);
      return inSpan('POST /webhooks/alertmanager', {}, take, {
        kind: 'server',
        parent: typeof parent === 'string' ? parent : null,
      }).finally(() => reservation.release());
    });
  });
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  sender: KnownToken,
  options: WebhookOptions,
  reservation: Reservation,
): Promise<FastifyReply> {
  const body = (request.body as Body | undefined) ?? NOTHING; // the parser of the scope made it
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
  if (body.kind === 'busy') return busy(request, reply, body.size);
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
  const take = async () => {
    let read: ReadDelivery;
    try {
      read = await readDelivery(body.bytes);
    } catch (error) {
      return refuse(400, coerceError(error).message, body.bytes.toString('utf8', 0, HEAD_BYTES));
    }
    const { groupKey, alertCount, ...parts } = read;
    const from = { sender: sender.name, senderCluster: sender.cluster, receivedAt };
    try {
      const { id } = await options.intake.accept({ ...parts, ...from, groupKey, alertCount });
      request.log.info({ delivery: id, alerts: alertCount, sender: sender.name }, 'accepted a delivery');
      return reply.code(200).send({ delivery: id, alerts: alertCount });
    } catch (error) {
      return notStored(request, reply, error);
    }
  };
  return body.size > LARGE ? reservation.alone(take) : take();
}

const NOTHING: Body = { kind: 'whole', bytes: Buffer.alloc(0), size: 0 };

interface ReadDelivery {
  readonly body: string;
  readonly groupKey: string;
  readonly alertCount: number;
  readonly slices?: Iterable<string>;
}

/**
 * Says whether a body can be accepted, and takes it apart when it is large or has many alerts.
 * @throws ResponderError bad_input, or what `JSON.parse` says
 */
async function readDelivery(bytes: Buffer): Promise<ReadDelivery> {
  if (bytes.length <= SMALL) {
    const body = bytes.toString('utf8');
    const { groupKey, alertCount } = checkDelivery(parseJson(body));
    if (alertCount <= SLICE_ALERTS) return { body, groupKey, alertCount };
  }
  const parting = splitDelivery(bytes);
  let step = parting.next();
  for (; !step.done; step = parting.next()) await new Promise((resolve) => setImmediate(resolve));
  const { envelope, alertCount, slices } = step.value;
  const { groupKey } = checkDelivery(parseJson(envelope));
  return { body: envelope, groupKey, alertCount, slices };
}

/** Bodies of others take the room there is. It was not read to the end, so nothing else comes over this connection. */
function busy(request: FastifyRequest, reply: FastifyReply, size: number): FastifyReply {
  request.log.warn({ size }, 'a delivery found no room beside others');
  return reply
    .code(503)
    .header('retry-after', '2')
    .header('connection', 'close')
    .send({ error: 'not stored, send it again: other deliveries are being taken in' });
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
