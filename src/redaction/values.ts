import { looksRandom, TELLING } from './randomness.ts';

/** Masks that somebody else put in place of a value. */
const MASKED =
  /^(?:[*•xX#.-]{3,}|\[?(?:redacted|filtered|masked|hidden|removed|secret|protected|sensitive|scrubbed)\]?|[<([]{1,2}[a-z][a-z .:_-]{1,60}[>)\]]{1,2})$/i;
/** References to a value kept elsewhere: variables, templates, files, other stores. */
const REFERENCES: readonly RegExp[] = [
  /^\$(?:[A-Z_][A-Z0-9_]*|[a-z_]{2,40}|[0-9?@*]|\{[^}]*\}|\([^)]*\)|\{\{[^}]*\}\}|env:\w+)$/,
  // Cut off at a blank: `$(cat /run/secrets/db)`, `{{ .Values.password }}`.
  /^\$\([a-z]{2,12}$/,
  /^\$\{\{?[\s\w.:"'!&|()-]*\}\}?$|^\$\{\{?[a-z_]*$/,
  /^\{\{-?(?:[^}]*\}\}?)?$/,
  /^%(?:[A-Za-z_][\w.]{0,40}%|env\(|\(\w{1,40}\)s|[+#-]?[a-zA-Z]$)/,
  /^(?:[:?@]|%s)[a-z_]{0,40}$/,
  /^\?$/,
  /^(?:[A-Z]{2,20}(?:_[A-Z]{1,20})+|USER|USERNAME|PASSWORD|PASSWD|PASS|TOKEN|SECRET|KEY|[Yy](?:OUR|our)[_-][\w-]{2,40})$/,
  /^<[A-Za-z][^<>]*>$/,
  /^(?:file:(?:\/\/)?)?(?:~|\.{1,2})?\/(?:var|etc|run|home|opt|tmp|usr|mnt|root|secrets?|vault|data|app|srv|proc|dev|workspace|kaniko|certs?|keys?|path|config|Users|bin)(?:\/[\w.@${}-]*)*$/,
  /^(?:\.{1,2}|~)\/[\w./-]+$/,
  /^(?:ref\+)?(?:vault|awssm|awsssm|gcpsm|azurekv|sops|op|env|secretref|keyvault|doppler|ssm|valueFrom|secretKeyRef)[:/]/i,
  /^(?:arn:aws|projects\/|\/subscriptions\/|s3:\/\/|gs:\/\/|https?:\/\/[^@\s]*$)/,
];
/** An expression or a type of a program. Words only: a value with digits in it may be a secret with full stops. */
const CODE =
  /^(?:(?:this|self|var|local|data|module|process|os|config|cfg|conf|settings|args?|opts|options|params?|req|request|env|environ|ctx|context|secrets?|props|state|crypto|parser|user|input|getpass|app)(?:\.[A-Za-z_]\w*|\[["'\w]*\]?)+(?:\(.*)?|[A-Za-z_][\w.]{2,60}\(.*|\*?[a-z]{2,20}\.[A-Z][A-Za-z]+|\*(?:string|bool|\w+)|[A-Za-z_]\w*\[\w{0,20}\]?|[A-Za-z_]+(?:\??\.#?[A-Za-z_]+)+(?:\(.*)?|#[a-z-]+|[a-z]+[A-Za-z_]*(?:Token|Key|Password|Passwd|Secret|Stream|Credentials?)|\[\]\w+|(?:Optional|List|Union|Maybe)\[.*)$/;
const TYPES =
  /^(?:string|str|bool|boolean|int|integer|bytes?|byte|text|varchar|char|bytea|number|object|array|any|none|null|nil|undefined|unset|empty|true|false|yes|no|on|off|void|error|func|function|secretstr)(?:\([0-9]{0,5}\))?[,;:)]?$/i;
/** States of a secret, and methods that use it, rather than the secret. */
const STATES =
  /^(?:expired|missing|invalid|valid|required|optional|rejected|accepted|present|absent|revoked|changed|rotated|renewed|refreshed|enabled|disabled|failed|failure|failing|ok|okay|success|succeeded|incorrect|wrong|unknown|unauthorized|forbidden|denied|not|not-set|notset|unset|found|loaded|configured|created|updated|deleted|removed|set|default|basic|bearer|oidc|ldap|saml|oauth2?|kubernetes|approle|plain|md5|scram|digest|negotiate|ntlm|trust|peer|rbac|node|webhook|community|eof|identifier|rbrace|lbrace|indent|dedent|newline|operator|keyword|malformed|accessdenied|checking|pending|ready|verified|mismatch|from|strict|lax|auto|manual|hidden|redacted|masked|sensitive|password|token|secret|key|pass|passwd|credentials?|value|write|read|admin|called|omitempty|await|async|new|function|typeof|require|return|name|names|type|usage|help|see|sent|used|using|via|with|for|the|your|this|must|is|was|are|be|cannot|can|could|has|have|had|should|would|will|may|does|did|does not|please|unable|timed|context|rpc|dial|end|got|expected|unexpected|authentication|authorization|permission|access|signature|verification|server|request|response|configmap|http|https|x509|json|illegal|already|bad|in|on|at|to|too|of|an?|and|or|no)$/i;
const QUANTITY = /^-?[0-9]+(?:\.[0-9]+)?(?:[smhdwy%]|ms|us|ns|[kmg]i?b?|[smhd][0-9]+[smhd])?$/i;

/** The context of a value in its text. */
export interface Standing {
  readonly quoted: boolean;
  /** Behind a colon and a blank, as in a sentence. */
  readonly colon: boolean;
  /** What follows it, a few characters. */
  readonly after: string;
  /** The text before its name on the same line. */
  readonly before: string;
}

/** Whether a value stands for a secret that is elsewhere, or was masked already. */
export function isPointer(value: string): boolean {
  return MASKED.test(value) || REFERENCES.some((each) => each.test(value));
}

/** Whether a value is no secret whatever its name: nothing, a mask, a pointer to the secret, a state, code. */
export function isHarmless(whole: string, standing: Standing): boolean {
  const value = whole.slice(0, TELLING);
  const bare = value.replace(/[.,;:!]+$/, '');
  if (bare === '' || !/[A-Za-z0-9]/.test(bare)) return bare.length < 4 || /^(.)\1*$/.test(bare);
  if (isPointer(value) || isPointer(bare)) return !/^<.*>$/.test(value) || !looksRandom(value);
  if (/^[{[(][A-Za-z_-]*$/.test(bare) && !standing.quoted) return true;
  if (/^[,;)\]}]/.test(value)) return true;
  if (TYPES.test(value) || STATES.test(bare)) return true;
  if (!standing.quoted && CODE.test(value)) return true;
  return false;
}

/** A number that counts or measures something, which passwords are seldom and tokens never. */
export function isQuantity(value: string, standing: Standing): boolean {
  if (!QUANTITY.test(value)) return false;
  return (
    value.length <= 5 ||
    /[a-z%]$/i.test(value) ||
    /^\s{1,2}(?:bytes?|tests?|items?|characters?|chars?|seconds?|ms|tokens?|of)\b/.test(standing.after)
  );
}

/** A word of a sentence: `password: must be`, `invalid token: signature is invalid`, `could not get token: AccessDenied`. */
export function isProse(value: string, standing: Standing): boolean {
  if (standing.quoted || !standing.colon || looksRandom(value)) return false;
  if (/^:(?:\s|$)/.test(standing.after) && /^[A-Za-z0-9.]+$/.test(value)) return true;
  if (!/^[A-Za-z][A-Za-z'’-]*[.,;:!?]?$/.test(value)) return false;
  // Words before or after it: a sentence.
  return /^,?[ \t]+[A-Za-z("'<]+(?![\w-]*[:=])/.test(standing.after) || /[a-z]{2,} $/.test(standing.before);
}
