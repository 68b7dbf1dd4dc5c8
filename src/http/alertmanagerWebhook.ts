import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { coerceError } from '../errors.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { createTokenCheck, type KnownToken, passwordAsToken } from './auth.ts';
import { createBudget, LARGE, type Reservation } from './byteBudget.ts';
import type { Intake } from './ports.ts';
import { type ReadDelivery, readDelivery } from './readDelivery.ts';
import { countRefusals } from './refusals.ts';
import { type Body, HEAD_BYTES, readBody } from './requestBody.ts';
import { type ReadAddress, readFromAmazon, SnsSignatures } from './snsSignature.ts';

export interface WebhookOptions {
  readonly intake: Intake;
  /** Empty: the door is open (never so in production). */
  readonly tokens: readonly KnownToken[];
  /** The longest body, bytes. */
  readonly maxBody: number;
  readonly clock: () => number;
  /** Reads certificates and confirms subscriptions of Amazon SNS; over the network when absent. */
  readonly readAmazon?: ReadAddress;
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
  const signatures = new SnsSignatures(options.readAmazon ?? readFromAmazon, options.clock);
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
      const sender = options.tokens.length === 0 ? OPEN : check(passwordAsToken(request.headers.authorization));
      if (sender) senders.set(request.raw, sender);
      else await unauthorized((await refusals(request)) === null ? reply : reply.header('connection', 'close'));
    });
    const take = (request: FastifyRequest, reply: FastifyReply) => {
      const sender = senders.get(request.raw) ?? OPEN;
      const parent = request.headers.traceparent;
      const reservation = reservations.get(request.raw) ?? budget.reserve();
      return inSpan(
        'POST /webhooks/alertmanager',
        {},
        () => receive(request, reply, sender, options, { reservation, signatures }),
        {
          kind: 'server',
          parent: typeof parent === 'string' ? parent : null,
        },
      ).finally(() => reservation.release());
    };
    scope.post('/webhooks/alertmanager', take);
    // Where a Prometheus that takes us for an Alertmanager posts, with the webhook as its prefix or without.
    scope.post('/webhooks/alertmanager/api/v2/alerts', take);
    scope.post('/api/v2/alerts', take);
  });
}

/** What taking in a delivery takes, beside the request. */
interface Receiving {
  readonly reservation: Reservation;
  readonly signatures: SnsSignatures;
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  sender: KnownToken,
  options: WebhookOptions,
  receiving: Receiving,
): Promise<FastifyReply> {
  const body = (request.body as Body | undefined) ?? NOTHING; // the parser of the scope made it
  const delivery = { request, reply, sender, options, receivedAt: options.clock() };
  if (body.kind === 'busy') return busy(request, reply, body.size);
  if (body.kind === 'too_large') {
    const reason = `the body has ${body.size} bytes, ${options.maxBody} are allowed: set max_alerts in the Alertmanager receiver, or intake.maxBody in responder.yaml`;
    return refuse(delivery, { code: 413, reason, head: body.head, size: body.size });
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const reason = `content-encoding ${encoding} is not supported: send the body uncompressed`;
    return refuse(delivery, { code: 400, reason, head: '(encoded)', size: body.size });
  }
  const take = () => store(delivery, body, receiving);
  return body.size > LARGE ? receiving.reservation.alone(take) : take();
}

/** A delivery that is being answered. */
interface Delivery {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly sender: KnownToken;
  readonly options: WebhookOptions;
  /** Epoch ms. */
  readonly receivedAt: number;
}

interface Refusal {
  readonly code: 400 | 413;
  readonly reason: string;
  /** The begin of the body. */
  readonly head: string;
  /** Bytes. */
  readonly size: number;
}

/** Answers that it must not be sent again, once the refusal is written down. */
async function refuse(
  { request, reply, sender, options, receivedAt: at }: Delivery,
  { code, reason, head, size }: Refusal,
): Promise<FastifyReply> {
  try {
    await options.intake.refuse({ sender: sender.name, size, reason, head, at });
  } catch (error) {
    return notStored(request, reply, error);
  }
  request.log.warn({ sender: sender.name, size, reason }, 'refused a delivery for good');
  if (code === 413) reply.header('connection', 'close');
  return reply.code(code).send({ error: reason });
}

/** Reads a whole body and answers 200 once it is stored. */
async function store(
  delivery: Delivery,
  { bytes, size }: Extract<Body, { kind: 'whole' }>,
  { signatures }: Receiving,
): Promise<FastifyReply> {
  const { request, reply, sender, options, receivedAt } = delivery;
  let read: ReadDelivery | null;
  try {
    read = await readDelivery(bytes, request, signatures);
  } catch (thrown) {
    const error = coerceError(thrown);
    if (error.retryable) return notStored(request, reply, error);
    const reason = error.hint === null ? error.message : `${error.message}. ${error.hint}`;
    return refuse(delivery, { code: 400, reason, head: bytes.toString('utf8', 0, HEAD_BYTES), size });
  }
  if (read === null) return reply.code(200).send({ delivery: null, alerts: 0 });
  const { groupKey, alertCount, ...parts } = read;
  if (await isGivenUp(request)) {
    request.log.warn({ sender: sender.name }, 'dropped a delivery whose sender had given up: Alertmanager retries it');
    return reply.code(503).send({ error: 'not stored, send it again: nobody waited for the answer' });
  }
  const from = { sender: sender.name, senderCluster: sender.cluster, receivedAt };
  try {
    const { id } = await options.intake.accept({ ...parts, ...from, groupKey, alertCount });
    request.log.info({ delivery: id, alerts: alertCount, sender: sender.name }, 'accepted a delivery');
    return reply.code(200).send({ delivery: id, alerts: alertCount });
  } catch (error) {
    return notStored(request, reply, error);
  }
}

/**
 * Whether the sender has closed its connection: it sends again, perhaps to another replica. What it gave up on and we read only
 * now (stopped, on a frozen node, too busy) would come after the end that it told meanwhile.
 */
async function isGivenUp({ raw }: FastifyRequest): Promise<boolean> {
  // The end of a connection is read in a turn of the loop after its last bytes.
  await nextTurn();
  await nextTurn();
  return raw.socket.destroyed || raw.socket.readableEnded;
}

const NOTHING: Body = { kind: 'whole', bytes: Buffer.alloc(0), size: 0 };

/** Answers 503 when bodies of others take the room there is. The body was not read to the end, so nothing else comes over this connection. */
function busy(request: FastifyRequest, reply: FastifyReply, size: number): FastifyReply {
  request.log.warn({ size }, 'no memory left for a delivery beside those in flight');
  return reply
    .code(503)
    .header('retry-after', '2')
    .header('connection', 'close')
    .send({ error: 'not stored, send it again: other deliveries are being taken in' });
}

/** Answers 503 when the delivery could not be stored: the sender tries again, and nothing is lost. */
function notStored(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = coerceError(thrown);
  request.log.error({ err: error, code: error.code }, 'a delivery could not be stored');
  return reply
    .code(503)
    .header('retry-after', '5')
    .send({ error: `not stored, send it again: ${error.message}` });
}

async function unauthorized(reply: FastifyReply): Promise<void> {
  await reply
    .code(401)
    .header('www-authenticate', 'Bearer realm="lambda-responder", Basic realm="lambda-responder"')
    .send({
      error:
        'the bearer token is missing or unknown: set authorization.credentials in the Alertmanager receiver to WEBHOOK_TOKEN (Amazon SNS: https://any:WEBHOOK_TOKEN@host/webhooks/alertmanager)',
    });
}
