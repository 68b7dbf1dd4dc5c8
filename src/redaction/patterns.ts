/** A shape of secret that is recognised by itself, without a name in front of it. */
export interface SecretPattern {
  /** Named in counts and tests, never in the output. */
  readonly kind: string;
  /**
   * Global. Group 1 is what stays visible (it identifies, it does not authenticate); everything after it in the match
   * is the secret. Every quantifier is bounded or runs over one character class that cannot match what follows, so the
   * time is linear in the text. Lengths are lenient at the lower end: a bound may have cut the secret short.
   */
  readonly pattern: RegExp;
}

/** Tokens with a fixed beginning, as their issuers document them. `(?<![A-Za-z0-9])` keeps ordinary words out. */
const PREFIXED: readonly (readonly [kind: string, prefix: string, rest: string])[] = [
  ['github', 'gh[pousr]_', '[A-Za-z0-9]{16,255}'],
  ['github', 'github_pat_', '[A-Za-z0-9_]{20,255}'],
  ['gitlab', 'gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-', '[A-Za-z0-9_.-]{14,128}'],
  ['slack', 'xox[abceoprs](?:\\.xox[bp])?-', '[A-Za-z0-9-]{10,255}'],
  ['slack', 'xapp-', '[A-Za-z0-9-]{10,255}'],
  ['google', 'AIza', '[A-Za-z0-9_-]{25,60}'],
  ['google', 'ya29\\.', '[A-Za-z0-9_-]{20,1024}'],
  ['google', 'GOCSPX-', '[A-Za-z0-9_-]{16,64}'],
  ['aws', '(?:AKIA|ASIA|ABIA|ACCA)', '[A-Z2-7]{16}(?![A-Za-z0-9])'],
  ['npm', 'npm_', '[A-Za-z0-9]{20,64}'],
  ['pypi', 'pypi-', '[A-Za-z0-9_-]{32,512}'],
  ['sendgrid', 'SG\\.', '[A-Za-z0-9_-]{12,64}\\.[A-Za-z0-9_-]{10,128}'],
  ['stripe', '(?:sk|rk|pk)_(?:live|test)_', '[A-Za-z0-9]{10,255}'],
  ['stripe', 'whsec_', '[A-Za-z0-9+/=]{16,255}'],
  ['model provider', 'sk-(?:ant-|proj-|svcacct-|or-v1-)', '[A-Za-z0-9_-]{16,255}'],
  ['model provider', 'sk-', '[A-Za-z0-9]{32,64}'],
  ['model provider', '(?:hf|gsk|r8|xai)_', '(?:[a-z]{0,2}[A-Z0-9]|[a-z]{3,32}[A-Z0-9])[A-Za-z0-9]{16,128}'],
  ['vault', 'hv[sbr]\\.', '[A-Za-z0-9_-]{20,512}'],
  ['terraform', '[A-Za-z0-9]{14}\\.atlasv1\\.', '[A-Za-z0-9_-]{20,128}'],
  ['docker', 'dckr_(?:pat|oat)_', '[A-Za-z0-9_-]{16,128}'],
  ['digitalocean', 'do[opr]_v1_', '[a-f0-9]{32,128}'],
  ['shopify', 'shp(?:at|ca|pa|ss|ua)_', '[A-Fa-f0-9]{24,64}'],
  ['grafana', 'gl(?:sa|c)_', '[A-Za-z0-9+/=_]{24,512}'],
  ['newrelic', 'NR(?:AK|RA|II|JS)-', '[A-Za-z0-9]{20,64}'],
  ['linear', 'lin_(?:api|oauth)_', '[A-Za-z0-9]{20,128}'],
  ['notion', '(?:ntn|secret)_', '[A-Za-z0-9]{40,64}'],
  ['figma', 'fig[dou]r?_', '[A-Za-z0-9_-]{20,128}'],
  ['1password', 'ops_', 'eyJ[A-Za-z0-9+/=_-]{20,4096}'],
  ['age', 'AGE-SECRET-KEY-1', '[A-Z0-9]{20,80}'],
  ['doppler', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.', '[A-Za-z0-9._-]{20,128}'],
  ['flyio', 'fo1_', '[A-Za-z0-9_-]{20,128}'],
  ['tailscale', 'tskey-[a-z]{2,12}-', '[A-Za-z0-9-]{12,128}'],
  ['databricks', 'dapi', '[a-f0-9]{32}(?:-[0-9])?'],
  ['planetscale', 'pscale_(?:tkn|pw|oauth)_', '[A-Za-z0-9_.-]{20,128}'],
  ['sentry', 'sntry[su]_', '[A-Za-z0-9+/=_-]{20,512}'],
  ['supabase', 'sb(?:p|_secret)_', '[A-Za-z0-9_-]{20,128}'],
  ['square', 'sq0(?:atp|csp|idp)-', '[A-Za-z0-9_-]{20,64}'],
  ['atlassian', 'ATATT3', '[A-Za-z0-9+/=_-]{40,512}'],
  ['atlassian', 'AT(?:CTT|BB)[A-Za-z0-9]', '[A-Za-z0-9+/=_-]{24,512}'],
  ['heroku', 'HRKU-', '[A-Za-z0-9_-]{24,128}'],
  ['postman', 'PMAK-', '[A-Za-z0-9-]{24,128}'],
  ['rubygems', 'rubygems_', '[a-f0-9]{32,64}'],
  ['pulumi', 'pul-', '[a-f0-9]{40}'],
  ['buildkite', 'bk(?:ua|aj|ct)_', '[A-Za-z0-9]{20,128}'],
  ['twilio', 'SK', '[a-f0-9]{32}(?![A-Za-z0-9])'],
  ['mailgun', 'key-', '[a-f0-9]{32}(?![A-Za-z0-9])'],
  ['dynatrace', 'dt0[a-z][0-9]{2}\\.', '[A-Z0-9]{20,40}\\.[A-Z0-9]{32,128}'],
  ['cratesio', 'cio', '[A-Za-z0-9]{32}(?![A-Za-z0-9])'],
];

const OTHERS: readonly SecretPattern[] = [
  // The header names only the algorithm, but a signature cut off is still a session: the payload goes as well.
  { kind: 'jwt', pattern: /((?<![A-Za-z0-9_-]))eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){1,4}/g },
  { kind: 'jwt', pattern: /((?<![A-Za-z0-9_-]))eyJ(?:hbGciOi|raWQiOi|0eXAiOi)[A-Za-z0-9_-]{4,}/g },
  {
    kind: 'slack webhook',
    pattern: /(hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]{8,255}/g,
  },
  { kind: 'discord', pattern: /(discord(?:app)?\.com\/api\/webhooks\/)[0-9]{5,32}\/[A-Za-z0-9_-]{20,128}/g },
  { kind: 'teams webhook', pattern: /(webhook\.office\.com\/webhookb2\/)[A-Za-z0-9@/-]{20,255}/g },
  {
    kind: 'discord',
    pattern: /((?<![A-Za-z0-9_-]))[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}/g,
  },
  { kind: 'telegram', pattern: /((?<![A-Za-z0-9])[0-9]{8,10}:)AA[A-Za-z0-9_-]{30,36}/g },
  { kind: 'azure', pattern: /((?<![A-Za-z0-9_~.-]))[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}/g },
  { kind: 'mailchimp', pattern: /((?<![A-Za-z0-9]))[a-f0-9]{32}-us[0-9]{1,2}(?![A-Za-z0-9])/g },
  { kind: 'bearer', pattern: /((?<![=\w])Bearer\s{1,4})(?=[A-Za-z._~+/=-]{0,64}[0-9])[A-Za-z0-9._~+/=-]{8,8192}/gi },
  { kind: 'bearer', pattern: /(\bBasic\s{1,4})(?=[A-Za-z0-9+/]{0,64}[0-9=+/])[A-Za-z0-9+/]{8,2048}={0,2}/g },
  // crypt(3) and htpasswd hashes: worth a dictionary attack to whoever reads the channel.
  {
    kind: 'password hash',
    pattern: /((?<![A-Za-z0-9])\$(?:2[abxy]|apr1|argon2(?:id?|d)|scrypt|[1567y])\$)[A-Za-z0-9./+=,$-]{16,256}/g,
  },
  { kind: 'kubeadm', pattern: /((?<=token\s{1,4}|--token[ =])[a-z0-9]{6}\.)[a-z0-9]{16}(?![a-z0-9])/g },
  // user:password@host. A port and a path before an @ (an image digest, an npm scope) is not a password.
  {
    kind: 'url password',
    pattern:
      /(:\/\/[^\s:@/?#"'<>]{0,256}:(?![0-9]{1,5}(?:[/?#]|\s|$)))[^\s"'<>]{1,512}?(?=@(?!sha[0-9]+:)(?:[A-Za-z0-9_.${}-]+|\[[0-9A-Fa-f:.]+\])(?:[:/?#\s"'),;\]\\]|$))/g,
  },
  { kind: 'url token', pattern: /(:\/\/)[A-Za-z0-9_.-]{20,256}(?=@[A-Za-z0-9.-]+)/g },
  { kind: 'dsn', pattern: /((?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{1,64}:)[^\s"'@/:]{1,128}(?=@(?:tcp|unix)\()/g },
  { kind: 'basic flag', pattern: /((?:\s|^)(?:-u|--user)[ =]["']?[A-Za-z0-9_.@-]{1,64}:)[^\s"']{1,256}/gm },
  { kind: 'mysql flag', pattern: /(\bmysql(?:dump|admin)?\s[^\n]{0,200}?\s-p)[^\s-][^\s]{0,128}/g },
];

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  ...PREFIXED.map(([kind, prefix, rest]) => ({
    kind,
    pattern: new RegExp(`((?<![A-Za-z0-9])${prefix})${rest}`, 'g'),
  })),
  ...OTHERS,
];
