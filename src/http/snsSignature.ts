import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { ResponderError } from '../errors.ts';

/** Types of messages that SNS posts; https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export const snsMessage = z.object({
  Type: z.enum(['SubscriptionConfirmation', 'Notification', 'UnsubscribeConfirmation']),
  MessageId: z.string().max(200),
  TopicArn: z.string().max(512),
  Message: z.string(),
  Timestamp: z.string().max(64),
  Signature: z.string().max(4096),
  SignatureVersion: z.enum(['1', '2']),
  SigningCertURL: z.string().max(2048),
  Subject: z.string().nullish(),
  SubscribeURL: z.string().max(4096).nullish(),
  Token: z.string().max(4096).nullish(),
});
export type SnsMessage = z.output<typeof snsMessage>;

/** Where Amazon keeps the certificates and confirms subscriptions: `sns.eu-west-1.amazonaws.com`, in China with `.cn`. */
const AMAZONS_HOST = /^sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?$/;
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{8,64}\.pem$/i;
const TIMEOUT_MS = 5_000;
const MAX_CERTIFICATE = 64 * 1024;
const MAX_KNOWN = 20;

/** The fields that are signed, in their order; those a message lacks are left out. */
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

/** Reads an address; the tests bring certificates of their own. */
export type ReadAddress = (url: URL) => Promise<string>;

/** GET of an address of Amazon, with a deadline; anything but 200 is `unavailable`. */
export const readFromAmazon: ReadAddress = async (url) => {
  let answer: Response;
  try {
    answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new ResponderError('unavailable', `${url.host} does not answer`, { cause: error });
  }
  if (!answer.ok) throw new ResponderError('unavailable', `${url.host} answers ${answer.status}`);
  return (await answer.text()).slice(0, MAX_CERTIFICATE);
};

/** Checks signatures of SNS messages, and keeps the certificates it read. */
export class SnsSignatures {
  readonly #read: ReadAddress;
  readonly #clock: () => number;
  readonly #known = new Map<string, X509Certificate>();

  constructor(read: ReadAddress, clock: () => number) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * Resolves when Amazon signed the message with a certificate that Amazon keeps.
   * @throws ResponderError forbidden when it did not, unavailable when the certificate cannot be read now.
   */
  async check(message: SnsMessage): Promise<void> {
    const url = amazonsAddress(message.SigningCertURL);
    if (url === null || !CERTIFICATE_PATH.test(url.pathname) || url.search !== '')
      throw new ResponderError('forbidden', 'SigningCertURL is no certificate of Amazon SNS');
    const certificate = await this.#certificate(url);
    const now = this.#clock();
    if (now > certificate.validToDate.getTime() || now < certificate.validFromDate.getTime())
      throw new ResponderError('forbidden', 'the certificate that signed the SNS message has expired');
    const verify = createVerify(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256');
    verify.update(signedText(message));
    if (!verify.verify(certificate.publicKey, message.Signature, 'base64'))
      throw new ResponderError('forbidden', 'the signature of the SNS message does not fit it');
  }

  /** Confirms a subscription at Amazon. @throws ResponderError forbidden for another's address, unavailable. */
  async confirm(message: SnsMessage): Promise<void> {
    const url = amazonsAddress(message.SubscribeURL ?? '');
    if (url === null) throw new ResponderError('forbidden', 'SubscribeURL is no address of Amazon SNS');
    await this.#read(url);
  }

  async #certificate(url: URL): Promise<X509Certificate> {
    const known = this.#known.get(url.href);
    if (known) return known;
    const text = await this.#read(url);
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(text);
    } catch (error) {
      throw new ResponderError('unavailable', `${url.host} gave no certificate`, { cause: error });
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(url.href, certificate);
    return certificate;
  }
}

function amazonsAddress(text: string): URL | null {
  const url = URL.parse(text);
  const isPlain = url !== null && url.protocol === 'https:' && url.port === '' && url.username === '';
  return isPlain && url.password === '' && AMAZONS_HOST.test(url.hostname) ? url : null;
}

function signedText(message: SnsMessage): string {
  return SIGNED[message.Type]
    .flatMap((field) => (message[field] == null ? [] : [`${field}\n${message[field]}\n`]))
    .join('');
}
