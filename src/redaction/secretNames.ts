/**
 * The class of a field name. `password`: any value is a secret. `token`: any value but a number or a state. `weak`: the
 * name has other meanings too, so the value has to look random. `authorization` and `cookie`: headers with a notation
 * of their own.
 */
export type NameClass = 'password' | 'token' | 'weak' | 'authorization' | 'cookie';

/** Where a name may end: the scanner looks for these, and what stands around them is read as one name. */
export const NAME_KEYWORDS: readonly string[] = [
  ...[
    'pass',
    'pwd',
    'passwd',
    'secret',
    'token',
    'key',
    'cred',
    'auth',
    'jwt',
    'psk',
    'pw',
    'saml',
    'passw',
    'cookie',
    'signature',
    'sig',
    'otp',
    'session',
    'sid',
  ],
  ...['sessid', 'dockerconfigjson'],
];

const PASSWORDS =
  /^(?:\w*(?:password|passwd|passphrase|passcode|passw|pwd|psk)|(?:\w*(?:db|root|admin|user|mail|smtp|redis|bind|key|store|trust|my|ssh|sudo|pg|require|login|ldap))?pass|pw)$/;
const TOKENS =
  /^(?:\w*(?:secret|token)|dockerconfigjson|jwt|\w*apikey|\w*(?:secret|priv|private|access|signing|encryption|master|account|auth)key)$/;
/** Words that make a key a secret one: `api key`, `shared access key`, `secret key base`. */
const KEYS =
  /^(?:\w*(?:secret|private|access|encryption|signing|license|licence)|api|access|private|account|secret|shared|encryption|encrypt|decryption|signing|sign|master|client|integration|hmac|storage|auth|root|admin|deploy|fernet|jwt|aes|webhook|unseal|recovery|minio|service|function|subscription|consumer|app|application|cipher|crypto|cf|bot|user|personal)$/;
/** The same for keys that are something else more often. */
const WEAK_KEYS = /^(?:routing|session|ssh|host|integration|sdk|primary|secondary|server|push|device|instrumentation)$/;
const WEAK =
  /^(?:auth|sig|signature|otp|sid|sessid|jsessionid|phpsessid|credentials?|creds?|samlresponse|samlrequest|assertion|sessionid|pin|seed|salt)$/;
/** Qualifiers after the secret word: which of several, or in what form. */
const QUALIFIER =
  /^(?:b64|base64|enc|encoded|encrypted|plain|plaintext|text|old|new|value|val|raw|str|string|hash|hashed|prod|production|dev|staging|stage|main|default|backup|current|next|previous|bytes|base|data|[0-9]{1,3})$/;

/** Words that say that a secret is meant, and not the Kubernetes object that holds one: `client secret`. */
const HOLDERS =
  /^(?:client|app|application|jwt|session|signing|webhook|cookie|auth|nextauth|consumer|shared|totp|otp|hmac|token|api|oauth|oauth2|access|user|master|encryption|csrf|account|storage|azure|google|slack|github|gitlab|bot|hash|salt|crypto|refresh|mfa)$/;

/** Whether the value of such a name may be the name of a Secret: `secret: regcred`, `existingSecret: db-auth`. */
export function mayNameObject(name: string): boolean {
  const words = wordsOf(name);
  const at = words.lastIndexOf('secret');
  return at >= 0 && at === words.length - 1 && !HOLDERS.test(words[at - 1] ?? '');
}

const known = new Map<string, NameClass | null>();
const MOST_KNOWN = 4_096;

/** A name of several words, in whatever style: `spring.datasource.password`, `X-Api-Key`, `minioSecretKey`. */
export function classOf(name: string): NameClass | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = findClass(name);
  // A log says the same few names again and again.
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, found);
  return found;
}

function findClass(name: string): NameClass | null {
  const words = wordsOf(name);
  let last = words.length - 1;
  while (last > 0 && QUALIFIER.test(words[last] ?? '')) last -= 1;
  const word = words[last] ?? '';
  const before = words[last - 1] ?? '';
  if (/^saml(?:response|request|assertion)$/.test(`${before}${word}`)) return 'weak';
  if (word === 'authorization') return 'authorization';
  if (word === 'cookie') return before === '' || before === 'set' ? 'cookie' : 'token';
  if (PASSWORDS.test(word)) return 'password';
  if (TOKENS.test(word)) return 'token';
  if (word === 'key' || word === 'keys') return keyClass(before, words[last - 2] ?? '');
  if (word === 'id' && (before === 'secret' || before === 'session')) return before === 'secret' ? 'token' : 'weak';
  if (word === 'credential' && before === 'amz') return 'token';
  return WEAK.test(word) ? 'weak' : null;
}

function keyClass(before: string, earlier: string): NameClass | null {
  // `secret access key`, but also `public key`, `primary key`, `cache key`.
  if (KEYS.test(before)) return before === 'app' || before === 'user' || before === 'service' ? 'weak' : 'token';
  if (before === '' || earlier === '') return WEAK_KEYS.test(before) ? 'weak' : null;
  return WEAK_KEYS.test(before) || KEYS.test(earlier) ? 'weak' : null;
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
