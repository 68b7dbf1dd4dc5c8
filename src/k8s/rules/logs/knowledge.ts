import type { Code } from '../case.ts';

/** A kind of trouble that programs name in their own words, in every language. */
export interface LogKind {
  readonly code: Extract<Code, `log-${string}`>;
  readonly pattern: RegExp;
  /** What the line is about, taken from it: the module, host, key or path; the first group that matched. */
  readonly what?: RegExp;
}

/**
 * Known meanings of log lines, the more telling first: the first kind that matches decides. The patterns are of
 * runtimes, libraries and servers, not of any application.
 */
export const LOG_KINDS: readonly LogKind[] = [
  {
    code: 'log-exec-format',
    pattern: /exec format error|cannot execute binary file|bad CPU type|rosetta error|wrong ELF class/i,
  },
  {
    code: 'log-library-missing',
    pattern:
      /error while loading shared libraries|cannot open shared object file|GLIBC(?:XX)?_[\d.]+' not found|UnsatisfiedLinkError|DllNotFoundException|symbol not found: /i,
    what: /libraries: ([^:\s]+)|library[: ']+([\w./-]+)|(GLIBC(?:XX)?_[\d.]+)/i,
  },
  {
    code: 'log-module-missing',
    pattern:
      /Cannot find (?:module|package)|MODULE_NOT_FOUND|ModuleNotFoundError|ImportError: (?:No module named|cannot import)|No module named|ClassNotFoundException|NoClassDefFoundError|Could not find or load main class|cannot load such file|LoadError|Class ['"][\w\\]+['"] not found|Could not load file or assembly|no required module provides package|package [\w./]+ is not in (?:GOROOT|std)|ERR_MODULE_NOT_FOUND|uninitialized constant|Main class .{1,80} not found|no main manifest attribute|Unable to access jarfile/i,
    what: /(?:module|package|named|file|class|assembly|constant|jarfile)[ :'"]+([\w@./$\\-]+)|(?:Error|Exception): (?!Cannot|Could|No |Unable)([\w@./$\\-]+)/i,
  },
  {
    code: 'log-version-mismatch',
    pattern:
      /UnsupportedClassVersionError|NoSuchMethodError|unsupported (?:engine|version)|requires (?:Node|Python|Java|Ruby|PHP|Go) .{0,20}(?:or|>=)|incompatible (?:version|with)|version mismatch|ABI version|has been compiled by a more recent version/i,
  },
  {
    code: 'log-forbidden',
    pattern:
      /User "system:serviceaccount:[^"]+" cannot (?:\w+) resource|is forbidden: User|forbidden: User "|\.{0,80}is forbidden: User/i,
    what: /cannot (\w+ resource \\*"[\w./-]+)/i,
  },
  {
    code: 'log-port-in-use',
    pattern:
      /EADDRINUSE|address (?:is )?already in use|port \d+ (?:is )?(?:already )?(?:in use|was already|allocated)|bind.{0,40}failed.{0,20}98|Only one usage of each socket address|BindException/i,
    what: /(?::|port )(\d{2,5})\b/i,
  },
  {
    code: 'log-bind-denied',
    pattern: /(?:bind|listen)\b.{0,60}(?:permission denied|EACCES)|EACCES.{0,40}listen|cannot bind.{0,40}privileged/i,
    what: /:(\d{1,5})\b/,
  },
  // inotify's ENOSPC is a limit of the kernel, and no disk is full. Its name alone is in every log that says what it watches.
  {
    code: 'log-too-many-files',
    pattern:
      /inotify.{0,120}(?:no space left|ENOSPC|EMFILE|too many open|limit (?:reached|exceeded)|max_user_(?:watches|instances))|(?:no space left|ENOSPC|EMFILE|too many open|user limit|no more|out of).{0,120}inotify|number of file watchers/i,
  },
  {
    code: 'log-too-many-threads',
    pattern:
      /failed to create new OS thread|newosproc|unable to create (?:new )?native thread|can't start new thread|pthread_create\b.{0,60}(?:fail|EAGAIN|unavailable)|fork\b.{0,30}Resource temporarily unavailable|Cannot fork\b/i,
  },
  {
    code: 'log-disk-full',
    pattern:
      /no space left on device|ENOSPC|disk (?:is )?full|disk quota exceeded|EDQUOT|could not extend file|No space left|MISCONF Redis is configured to save|flood[- ]stage disk watermark|not enough (?:disk )?space/i,
    what: /((?:\/[\w.-]+){1,6})/,
  },
  { code: 'log-readonly', pattern: /read-only file ?system|EROFS|ReadOnlyFileSystem/i, what: /((?:\/[\w.-]+){1,6})/ },
  {
    code: 'log-memory',
    pattern:
      /OutOfMemoryError|JavaScript heap out of memory|heap out of memory|MemoryError\b|cannot allocate memory|ENOMEM|std::bad_alloc|fatal error: runtime: out of memory|OutOfMemoryException|GC overhead limit|Allowed memory size of \d+ bytes exhausted|failed to allocate \d+|oom-kill|was terminated due to signal 9|was sent SIGKILL|Perhaps out of memory|Out of memory: Kill/i,
  },
  {
    code: 'log-too-many-files',
    pattern: /too many open files|EMFILE|ENFILE|No file descriptors available/i,
  },
  {
    code: 'log-migration',
    pattern:
      /(?:migration|schema|flyway|liquibase|alembic).{0,80}(?:fail|not (?:yet )?(?:been )?applied|error|checksum|mismatch|lock|dirty|not found|missing|behind|pending)|relation "[^"]+" does not exist|Table '[^']+' doesn't exist|no such table|column "[^"]+" does not exist|Unknown column|Unknown database|database "[^"]+" does not exist|UndefinedTable/i,
    what: /(?:relation|Table|table|column|database)[: ]+["']?([\w.]+)/,
  },
  {
    code: 'log-database-readonly',
    pattern:
      /READONLY You can't write|against a read[- ]only replica|in a read-only transaction|running with the --?read[-_]only|NotWritablePrimary|not (?:the )?(?:master|primary) and slaveOk|database is (?:in )?read[- ]only/i,
  },
  {
    code: 'log-database',
    pattern:
      /too many (?:clients|connections)|remaining connection slots|connection pool (?:exhausted|timeout)|QueuePool limit|HikariPool.{0,80}(?:not available|timed out|request timed out)|deadlock detected|Lock wait timeout|database is locked|the database system is (?:starting up|shutting down|in recovery)|could not serialize access|Timed? ?out (?:acquiring|waiting for) (?:a )?connection|max_connections/i,
  },
  {
    code: 'log-auth',
    pattern:
      /password authentication failed|authentication failed|Authentication (?:failure|unsuccessful)|Access denied for user|WRONGPASS|NOAUTH|invalid (?:username|password|credentials?|api.?key|token|access key)|InvalidAccessKeyId|SignatureDoesNotMatch|ACCESS_REFUSED|SASL.{0,40}(?:fail|error)|login failed|unauthori[sz]ed|\b401\b.{0,30}(?:Unauthorized|error|status)|(?:status|code|HTTP)[ :=/.\d]{0,12}\b401\b|bad credentials|ExpiredToken|token (?:is |has )?expired|jwt (?:expired|malformed)|no pg_hba\.conf entry|AuthenticationException/i,
    what: /user "?'?([\w@.-]+)/i,
  },
  {
    code: 'log-certificate',
    pattern:
      /x509:|certificate (?:has expired|is not yet valid|signed by unknown|verify failed|required|is not trusted|unknown)|CERTIFICATE_VERIFY_FAILED|unable to (?:get|verify).{0,30}certificate|self[- ]signed certificate|SSLHandshakeException|PKIX path|tls: |TLS handshake|SSL(?:_ERROR|Error|: )|ERR_TLS|handshake (?:failure|failed|error)|wrong version number|DEPTH_ZERO_SELF_SIGNED|CERT_HAS_EXPIRED|RemoteCertificate/i,
  },
  {
    code: 'log-dns',
    pattern:
      /no such host|lookup \S+ on \S+:53|ENOTFOUND|EAI_AGAIN|getaddrinfo|Name or service not known|Temporary failure in name resolution|name resolution|UnknownHostException|could not (?:resolve|translate) host|nodename nor servname|NXDOMAIN|server misbehaving|Could not resolve host|host not found in upstream|No address associated with hostname|bad address ['`"]|non-existing domain|:nxdomain|NameResolutionError|Unknown host/i,
    what: /(?:lookup|ENOTFOUND|EAI_AGAIN|bad address|host(?: ?name)?|UnknownHostException:?|upstream|resolve)[ :"']+(?!(?:resolving|lookup|not|is|name|error|found|in|by)\b)([a-z0-9][\w.-]*[a-z0-9])/i,
  },
  {
    code: 'log-refused',
    pattern:
      /connection refused|connection to \S+ refused|ECONNREFUSED|Connection refused|actively refused|connect: refused|errno 111|Errno 111|refused to connect/i,
    what: /((?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\d+(?:\.\d+){3}|\[[0-9a-f:]+\]):\d{2,5})/i,
  },
  {
    code: 'log-unreachable',
    pattern: /no route to host|EHOSTUNREACH|ENETUNREACH|network is unreachable|host is unreachable/i,
    what: /((?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\d+(?:\.\d+){3}):\d{2,5})/i,
  },
  {
    code: 'log-broker',
    pattern:
      /LEADER_NOT_AVAILABLE|NotLeaderForPartition|UNKNOWN_TOPIC_OR_PART|(?:broker|brokers) (?:are )?(?:down|not available|unavailable)|NOT_ENOUGH_REPLICAS|PRECONDITION_FAILED|NOT_FOUND - no (?:queue|exchange|vhost)|channel (?:error|closed)|AMQPConnection|AMQP.{0,40}(?:error|exception|closed)|RESOURCE_LOCKED|consumer_timeout|vhost .{1,60} not found/i,
    what: /no ((?:queue|exchange|vhost) '?[\w./-]+'?)/i,
  },
  {
    code: 'log-timeout',
    pattern:
      /WORKER TIMEOUT|i\/o timeout|context deadline exceeded|deadline exceeded|ETIMEDOUT|ESOCKETTIMEDOUT|timed ?out|Timeout(?:Error|Exception)|Read timed out|connect timeout|request timeout|upstream request timeout|operation timed out/i,
    what: /((?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\d+(?:\.\d+){3}):\d{2,5})/i,
  },
  {
    code: 'log-reset',
    pattern:
      /connection reset|ECONNRESET|broken pipe|EPIPE|unexpected EOF|socket hang up|Connection closed|server closed the connection|upstream prematurely closed/i,
    what: /((?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\d+(?:\.\d+){3}):\d{2,5})/i,
  },
  {
    code: 'log-permission',
    pattern:
      /permission denied|EACCES|EPERM|Operation not permitted|access(?: is)? denied|AccessDenied|UnauthorizedAccessException|not writable|not readable|PermissionError|insufficient permissions?/i,
    what: /["' ]((?:\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)*\.[\w]{1,8}|(?:\/[\w.-]+){1,8})["': ]/,
  },
  {
    code: 'log-config-missing',
    pattern:
      /(?:environment variable|env(?:ironment)? var|env)\b.{0,60}(?:not set|is required|missing|undefined|must be set|not defined|is empty)|(?:must|required to) (?:set|provide|specify|be set|be provided)|(?:is|are) (?:not set|required(?: but)?)\b|missing (?:required )?(?:environment|config|configuration|setting|option|argument|parameter|flag|key|value|variable|property)|KeyError: |required (?:key|property|field|env|variable|option|flag)|(?<!: )required (?:setting|value|config(?:uration)?)s?\b|Could not resolve placeholder|no value (?:for|provided)|Missing required|(?:config|configuration)(?: file)? .{0,80}(?:not found|does not exist|missing|no such file)/i,
    what: /(?:variable|env|var|KeyError:|placeholder|option|flag|key|property|argument|parameter|setting)[ :'"`]+([A-Za-z][\w.-]+)|\b([A-Z][A-Z0-9_]{2,})\b/,
  },
  {
    code: 'log-config-invalid',
    pattern:
      /(?:invalid|illegal|bad|malformed|unknown|unrecogni[sz]ed|unexpected|wrong|incorrect|unsupported|failed to (?:parse|load|read|decode|unmarshal)|cannot parse|could not parse|error parsing|parsing error|syntax error).{0,80}(?:config|configuration|yaml|json|toml|xml|ini|properties|option|flag|argument|directive|setting|value|parameter|field|property|token|key|url|uri|dsn|connection string|format|line \d+|character)|\[emerg\]|yaml: |error (?:loading|reading) (?:the )?config|did not find expected|flag provided but not defined|(?:unknown|unrecogni[sz]ed|undefined|invalid|no such) (?:shorthand )?(?:flag|option|argument|command)s?\b|mapping values are not allowed|BeanCreationException|Application run failed/i,
  },
  {
    code: 'log-syntax',
    pattern: /SyntaxError|IndentationError|ParseError|Parse error: |Unexpected token|syntax error/i,
    what: /(?:SyntaxError|IndentationError|ParseError): (.{1,80})/,
  },
  {
    code: 'log-file-missing',
    pattern:
      /no such file or directory|ENOENT|FileNotFound|file not found|cannot (?:open|find|access|stat) (?:the )?(?:file|path|directory)?|does not exist|NoSuchFileException|executable file not found/i,
    what: /["' ]((?:\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)*\.[\w]{1,8}|(?:\/[\w.-]+){1,8})["': ,]?/,
  },
  {
    code: 'log-lock',
    pattern:
      /lock file|could not (?:obtain|acquire|get) .{0,20}lock|resource temporarily unavailable|another (?:process|instance) .{0,40}(?:running|using|holds)|pid file .{0,60}(?:exists|already)|database .{0,40}is being accessed|LockObtainFailed/i,
  },
  {
    code: 'log-not-found',
    pattern:
      /NoSuchBucket|bucket .{0,60}(?:not found|does not exist)|NoSuchKey|(?:topic|queue|index|collection|keyspace|namespace) .{0,60}(?:not found|does not exist|doesn't exist)|index_not_found|ResourceNotFoundException|(?:unknown|no such) (?:topic|queue|index|collection|bucket)|(?:topic|queue) not available/i,
    what: /(?:bucket|topic|queue|index|collection|key)(?: not (?:available|found))?[ :'"`[]+(?!(?:not|or|is|does)\b)([\w./-]+)/i,
  },
  {
    code: 'log-rate-limited',
    pattern:
      /too many requests|rate.?limit(?:ed| exceeded)|\b429\b|throttl(?:ed|ing)|ThrottlingException|SlowDown|quota exceeded/i,
  },
  {
    code: 'log-upstream',
    pattern:
      /\b(?:502|503|504)\b.{0,40}(?:error|gateway|unavailable|status|response)|(?:status|code|HTTP)[ :=/.\d]{0,12}\b50[0234]\b|Service Unavailable|Bad Gateway|upstream connect error|no healthy upstream|rpc error: code = (?:Unavailable|Internal|Unknown|DeadlineExceeded)|UNAVAILABLE:|circuit breaker/i,
  },
  {
    code: 'log-panic',
    pattern:
      /^panic: |panicked at|^fatal error: |nil pointer dereference|NullPointerException|NullReferenceException|segmentation fault|SIGSEGV|SIGABRT|core dumped|assertion (?:failed|`)|stack overflow|StackOverflowError|RecursionError|ZeroDivisionError|undefined is not|Cannot read propert|is not a function|AttributeError|TypeError|index out of (?:range|bounds)|IllegalStateException|Unhandled(?:Promise)?Rejection|unhandled exception/i,
  },
];
