import type { FastifyRequest } from 'fastify';
import { SLICE_ALERTS, splitDelivery } from '../alerts/split.ts';
import { checkDelivery } from '../alerts/webhook.ts';
import { SMALL } from './byteBudget.ts';
import { isSns, readSns } from './sns.ts';
import type { SnsSignatures } from './snsSignature.ts';

/** A delivery as it is kept. */
export interface ReadDelivery {
  readonly body: string;
  readonly groupKey: string;
  readonly alertCount: number;
  readonly slices?: Iterable<string>;
}

/**
 * Says whether a body can be accepted, and takes it apart when it is large or has many alerts. Null: a message that is no
 * delivery, such as a subscription of Amazon SNS that is confirmed now.
 * @throws ResponderError bad_input, forbidden, unavailable (SNS), or what `JSON.parse` says
 */
export async function readDelivery(
  bytes: Buffer,
  request: Pick<FastifyRequest, 'headers' | 'query'>,
  signatures: SnsSignatures,
): Promise<ReadDelivery | null> {
  const tenant = tenantOf(request);
  let whole = bytes;
  if (bytes.length <= SMALL) {
    const text = bytes.toString('utf8');
    const sent = parseJson(text);
    const json = isSns(request.headers, sent) ? await readSns(sent, signatures) : sent;
    if (json === null && sent !== null) return null;
    const { groupKey, alertCount } = checkDelivery(json);
    const body = json === sent ? text : JSON.stringify(json);
    if (alertCount <= SLICE_ALERTS)
      return { body: tenant === null ? body : withTenant(json, tenant), groupKey, alertCount };
    if (json !== sent) whole = Buffer.from(body);
  }
  const parting = splitDelivery(whole);
  let step = parting.next();
  for (; !step.done; step = parting.next()) await new Promise((resolve) => setImmediate(resolve));
  const { envelope, alertCount, slices } = step.value;
  const sent = parseJson(envelope);
  const { groupKey } = checkDelivery(sent);
  return { body: tenant === null ? envelope : withTenant(sent, tenant), groupKey, alertCount, slices };
}

/** @param delivery an object, which was checked */
function withTenant(delivery: unknown, tenant: string): string {
  return JSON.stringify({ ...Object(delivery), tenant });
}

/** The tenant of Mimir or Cortex: their own header, or `?tenant=` where a receiver can set none. */
function tenantOf({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>): string | null {
  const header = headers['x-scope-orgid'];
  // Fastify's parser makes an object of any query.
  const { tenant } = (query ?? {}) as Readonly<Record<string, unknown>>;
  const said = typeof header === 'string' ? header : tenant;
  return typeof said === 'string' && said.trim() !== '' ? said.trim() : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`the body is not JSON: ${Error.isError(error) ? error.message : String(error)}`);
  }
}
