import type { Rule } from './rule.ts';

/** A word of a command line: in quotes, or up to a blank; one that begins with a dash is the next flag. */
const WORD = `(?:"([^"\\n]{1,512})"|'([^'\\n]{1,512})'|([^\\s"'\`|&;<>-][^\\s"'\`|;<>]{0,511}))`;
/** Words of a command line before the secret. */
const words = (count: string): string => `(?:[^\\s]{1,256}[ \\t]{1,4}){${count}}`;
/** Anything of the same command line. */
const LINE = `[^\\n|;]{0,300}?`;
const BLANK = `[ \\t]{1,4}`;
/** `user:secret`. */
const PAIR = `(?:"[^"\\n:]{0,128}:([^"\\n]{1,256})"|'[^'\\n:]{0,128}:([^'\\n]{1,256})'|[^\\s"':/]{0,128}:(?!//)([^\\s"']{1,256}))`;

/** Commands that take a secret as an argument without a name, by what they begin with. */
const COMMANDS: readonly (readonly [keyword: string, rest: string])[] = [
  ['mc alias set', `${BLANK}${words('3')}${WORD}`],
  ['mc alias s', `${BLANK}${words('3')}${WORD}`],
  ['mc config host add', `${BLANK}${words('3')}${WORD}`],
  ['aws configure set', `${BLANK}(?:aws_)?(?:secret_access_key|session_token)${BLANK}${WORD}`],
  ['sshpass', `${LINE}-p${BLANK}?${WORD}`],
  ['docker login', `${LINE} -p${BLANK}${WORD}`],
  ['podman login', `${LINE} -p${BLANK}${WORD}`],
  ['registry login', `${LINE} -p${BLANK}${WORD}`],
  ['auth login', `${LINE} -p${BLANK}${WORD}`],
  ['az login', `${LINE} -p${BLANK}${WORD}`],
  ['mongo', `(?:sh|dump|restore|export|import)?\\s${LINE}-p${BLANK}${WORD}`],
  [
    'mysql',
    `(?:dump|admin|check|import|slap)?\\s(?:${LINE}\\s)?-p([^\\s'"-][^\\s]{0,128}|'[^'\\n]{1,128}'|"[^"\\n]{1,128}")`,
  ],
  ['redis-cli', `${LINE} -a${BLANK}${WORD}`],
  ['ldapsearch', `${LINE} -w${BLANK}${WORD}`],
  ['ldapadd', `${LINE} -w${BLANK}${WORD}`],
  ['ldapmodify', `${LINE} -w${BLANK}${WORD}`],
  ['htpasswd', `${BLANK}-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}${BLANK}${words('2')}${WORD}`],
  ['rabbitmqctl add_user', `${BLANK}${words('1')}${WORD}`],
  ['rabbitmqctl change_password', `${BLANK}${words('1')}${WORD}`],
  ['net use', `${BLANK}${words('2')}${WORD}(?=[ \\t]{1,4}/user)`],
  ['lftp', `${LINE} -u${BLANK}[^\\s,]{1,64},([^\\s]{1,256})`],
  ['vault login', `${BLANK}${WORD}`],
  ['vault unseal', `${BLANK}${WORD}`],
  ['operator unseal', `${BLANK}${WORD}`],
  ['requirepass', `${BLANK}${WORD}`],
  ['masterauth', `${BLANK}${WORD}`],
  ['bindpw', `${BLANK}${WORD}`],
  ['rootpw', `${BLANK}${WORD}`],
  ['storepass', `${BLANK}${WORD}`],
  ['keypass', `${BLANK}${WORD}`],
  ['passphrase', `${BLANK}${WORD}(?=[ \\t]{1,4}-|\\s*$)`],
  ['"auth" "', `([^"\\n]{1,512})"`],
];

const FLAGS: readonly Rule[] = [
  {
    id: 'user flag',
    keywords: ['-u', '--user'],
    regex: `(?:--user|(?<![\\w-])-u)[ =]{1,2}(?!["']?\\$)${PAIR}(?=\\s|["']|$)`,
    begins: true,
  },
  { id: 'creds flag', keywords: ['creds'], regex: `creds[ =]${PAIR}`, begins: true },
  { id: 'login flag', keywords: ['sonar.login'], regex: `sonar\\.login[ =]${WORD}`, begins: true },
];

/** Secrets that one command pipes into the next. */
const PIPES: readonly Rule[] = [
  {
    id: 'openssl',
    keywords: ['-pass'],
    regex: `-pass(?:in|out)?${BLANK}["']?pass:([^\\s"'\`]{1,256})`,
    begins: true,
  },
  {
    id: 'password from echo',
    keywords: ['--password-stdin'],
    regex: `echo(?: -n)?${BLANK}["']?(?!\\$)([^\\s"'|]{1,200})["']?[ \\t]{0,4}\\|[^|\\n]{0,160}--password-stdin`,
  },
  {
    id: 'chpasswd',
    keywords: ['chpasswd'],
    regex: `["' \\t][\\w.-]{1,32}:([^\\s"'|]{1,200})["']?[ \\t]{0,4}\\|[ \\t]{0,4}(?:sudo )?chpasswd`,
  },
];

/** SQL statements that set a password. */
const SQL: readonly Rule[] = [
  {
    id: 'identified by',
    keywords: ['identified'],
    regex: `identified${BLANK}(?:with${BLANK}\\S{1,64}${BLANK})?(?:by|as)${BLANK}(?:password${BLANK})?(?:'([^'\\n]{1,256})'|"([^"\\n]{1,256})")`,
    begins: true,
    flags: 'i',
  },
  {
    id: 'password literal',
    keywords: ['password'],
    regex: `password(?:[ \\t]{1,4}|[ \\t]{0,4}[=(][ \\t]{0,4}){1,2}N?'([^'\\s]{1,256})'`,
    begins: true,
    flags: 'i',
  },
];

/** Places whose content is always a secret. */
const OTHERS: readonly Rule[] = [
  // The header names only the algorithm, but a signature cut off is still a session: the payload goes as well.
  {
    id: 'jwt',
    keywords: ['eyj'],
    regex: `(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){1,4}`,
    begins: true,
  },
  {
    id: 'jwt',
    keywords: ['eyj'],
    regex: `(?<![A-Za-z0-9_-])eyJ(?:hbGciOi|raWQiOi|0eXAiOi)[A-Za-z0-9_-]{4,}`,
    begins: true,
  },
  {
    id: 'slack webhook',
    keywords: ['hooks.slack'],
    regex: `hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{8,255})`,
    begins: true,
  },
  {
    id: 'discord webhook',
    keywords: ['/api/webhooks/'],
    regex: `/api/webhooks/([0-9]{5,32}/[A-Za-z0-9_-]{20,128})`,
    begins: true,
  },
  {
    id: 'teams webhook',
    keywords: ['webhook.office.com', 'logic.azure.com'],
    regex: `(?:webhook\\.office\\.com/webhookb2|logic\\.azure\\.com(?::443)?/workflows)/([A-Za-z0-9@/-]{20,300})`,
    begins: true,
  },
  {
    id: 'bearer',
    keywords: ['bearer'],
    regex: `(?<![=\\w])Bearer[ \\t]{1,4}((?=[A-Za-z._~+/=-]{0,64}[0-9])[A-Za-z0-9._~+/=-]{8,8192})`,
    begins: true,
    flags: 'i',
  },
  {
    id: 'basic',
    keywords: ['basic'],
    regex: `(?<!\\w)Basic[ \\t]{1,4}([A-Za-z0-9+/]{8,2048}={0,2})`,
    begins: true,
    flags: 'i',
    encodes: ':',
  },
  // crypt(3) and htpasswd hashes: worth a dictionary attack to whoever reads the channel.
  {
    id: 'password hash',
    keywords: ['$2', '$apr1$', '$argon2', '$scrypt', '$1$', '$5$', '$6$', '$7$', '$y$'],
    regex: `(?<![A-Za-z0-9])\\$(?:2[abxy]|apr1|argon2(?:id?|d)|scrypt|[1567y])\\$([A-Za-z0-9./+=,$_-]{16,256})`,
    begins: true,
  },
  {
    id: 'ansible vault',
    keywords: ['$ansible_vault;'],
    regex: `\\$ANSIBLE_VAULT;[0-9.]{1,5};AES256(?:;\\w{1,64})?((?:(?:\\s|\\\\n){1,40}[0-9a-f]{40,128}){1,200})`,
    begins: true,
  },
  {
    id: 'kubeadm',
    keywords: ['token'],
    regex: `token[ =:"']{1,4}[a-z0-9]{6}\\.([a-z0-9]{16})(?![a-z0-9])`,
    begins: true,
  },
  {
    id: 'putty',
    keywords: ['private-lines'],
    regex: `Private-Lines:[ \\t]{0,4}[0-9]{1,4}\\s{1,2}((?:[A-Za-z0-9+/=]{1,80}\\s{1,2}){1,64})`,
    begins: true,
  },
  {
    id: 'signature in an address',
    keywords: ['signature=', 'sig='],
    regex: `[?&](?:x-[a-z]{3,4}-)?(?:signature|sig)=([^&\\s"'<>]{6,1024})`,
    flags: 'i',
  },
  {
    id: 'authorization code',
    keywords: ['?code=', '&code='],
    regex: '[?&]code=([A-Za-z0-9_.~/%-]{12,512})',
    begins: true,
    entropy: 3,
  },
  // user:password@host. A port and a path before an @ (an image digest, an npm scope) is not a password.
  {
    id: 'url password',
    keywords: ['://'],
    regex: `://[^\\s:@/?#"'<>]{0,256}:(?![0-9]{1,5}(?:[/?#]|\\s|$))([^\\s"'<>]{1,512}?)@(?!sha[0-9]{1,3}:)(?:[A-Za-z0-9_.$\{}-]{1,256}|\\[[0-9A-Fa-f:.]{2,64}\\])(?=[:/?#\\s"'),;\\]\\\\]|$)`,
    begins: true,
  },
  { id: 'url token', keywords: ['://'], regex: `://([A-Za-z0-9_.-]{20,256})@[A-Za-z0-9.-]`, begins: true },
  {
    id: 'url login',
    keywords: ['://'],
    regex: `://((?=[A-Za-z._-]{0,40}[0-9])(?=[^@]{0,40}[A-Za-z])[A-Za-z0-9_.!$%~-]{12,256})@(?:[A-Za-z0-9-]{1,63}\\.){1,4}[a-z]{2,12}[/:]`,
    begins: true,
    entropy: 3,
  },
  {
    id: 'dsn',
    keywords: ['@tcp(', '@unix('],
    regex: `(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{1,64}:([^\\s"'@/:]{1,128})@(?:tcp|unix)\\(`,
  },
  {
    id: 'pgpass',
    keywords: [':5432:'],
    regex: `(?<![\\w.])[\\w.*-]{1,128}:5432:[^\\s:]{1,64}:[^\\s:]{1,64}:([^\\s]{1,128})`,
  },
  {
    id: 'netrc',
    keywords: ['machine'],
    regex: `machine\\s{1,4}\\S{1,256}\\s{1,8}login\\s{1,4}\\S{1,128}\\s{1,8}password\\s{1,4}(\\S{1,256})`,
    begins: true,
  },
  {
    id: 'digest answer',
    keywords: ['digest'],
    regex: `Digest[ \\t][^\\n]{0,400}?response="([^"\\n]{1,256})"`,
    begins: true,
    flags: 'i',
  },
  {
    id: 'told in a sentence',
    keywords: [
      'following password',
      'temporary password',
      'generated password',
      'initial password',
      'root token',
      'unseal key',
      'recovery key',
    ],
    regex: `(?:password|token|key)(?:[ \\t]{1,2}(?:is|[0-9]{1,2}|to|for|generated|proceed|[\\w@.-]{1,40})){0,8}[ \\t]{0,2}:\\s{1,8}["'\`]?([^\\s"'\`]{4,256})["'\`]?(?=\\s|[.,]?$)`,
    flags: 'i',
  },
];

export const PLACE_RULES: readonly Rule[] = [
  ...COMMANDS.map(([keyword, rest]) => ({
    id: keyword,
    keywords: [keyword],
    regex: `${RegExp.escape(keyword)}${rest}`,
    begins: true,
    flags: 'i',
  })),
  ...FLAGS,
  ...PIPES,
  ...SQL,
  ...OTHERS,
];
