import type { IncomingHttpHeaders } from 'node:http';
import { deliveryOfSns } from '../alerts/snsNotification.ts';
import { ResponderError } from '../errors.ts';
import { type SnsMessage, type SnsSignatures, snsMessage } from './snsSignature.ts';

const HEADER = 'x-amz-sns-message-type';
const TYPES: readonly unknown[] = ['SubscriptionConfirmation', 'Notification', 'UnsubscribeConfirmation'];

/** Whether a body is a message of Amazon SNS and not of Alertmanager. */
export function isSns(headers: IncomingHttpHeaders, json: unknown): boolean {
  if (headers[HEADER] !== undefined) return true;
  return typeof json === 'object' && json !== null && 'Type' in json && TYPES.includes(json.Type) && 'TopicArn' in json;
}

/**
 * What a message of SNS brings, once its signature was checked: the delivery of a notification as Alertmanager would
 * post it. Null: there is nothing to decide about; the subscription was confirmed, or has ended.
 * @throws ResponderError bad_input or forbidden for what is never accepted, unavailable when Amazon cannot be asked now
 */
export async function readSns(json: unknown, signatures: SnsSignatures): Promise<unknown> {
  const read = snsMessage.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new ResponderError('bad_input', `SNS message, ${issue?.path.join('.') || 'body'}: ${issue?.message ?? '?'}`);
  }
  const message: SnsMessage = read.data;
  await signatures.check(message);
  if (message.Type === 'SubscriptionConfirmation') await signatures.confirm(message);
  if (message.Type !== 'Notification') return null;
  return deliveryOfSns({
    topic: message.TopicArn,
    subject: message.Subject ?? null,
    message: message.Message,
    timestamp: message.Timestamp,
  });
}
