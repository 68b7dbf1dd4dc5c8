import type { DiagnosisCase } from '../snapshot.ts';
import { sick } from '../story.ts';
import { crashLooping, podNotReady } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { answered, neverReady, timedOut } from '../world/probes.ts';
import { http } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';

interface Words {
  readonly app: string;
  readonly exitCode?: number;
  readonly log: readonly string[];
  readonly says: readonly RegExp[];
  readonly source: string;
}

/** A program that ends at its start again and again; its last words are all there is. */
function ends(name: string, { app, exitCode = 1, log, says, source }: Words): DiagnosisCase {
  return sick(name, {
    source,
    about: [`Deployment/${app}`],
    says,
    tell({ world }) {
      const { pods } = deployment(world, app, { replicas: 1, podAge: '25m' });
      crashLoops(world, first(pods), { exitCode, restarts: 7, since: '24m', log });
      crashLooping(world, first(pods));
      return `${app} does not start.`;
    },
  });
}

/** A program that runs, is not ready, and says why in its log. */
function limps(name: string, { app, log, says, source }: Words, probe: 'times out' | number): DiagnosisCase {
  return sick(name, {
    source,
    about: [`Deployment/${app}`],
    says,
    tell({ world }) {
      const { pods } = deployment(world, app, { replicas: 1, ports: [8080], readiness: http('/health', 8080) });
      const pod = first(pods);
      neverReady(world, pod, probe === 'times out' ? timedOut(pod, 8080, '/health') : answered(probe), {
        since: '11m',
      });
      world.log(pod, app, log);
      podNotReady(world, pod);
      return `${app} does not answer.`;
    },
  });
}

/** Last words of programs by language and framework: one line, JSON, and many lines. */
export const LOGS_RUNTIMES = [
  ends('spring-has-no-bean-for-a-parameter', {
    app: 'checkout',
    source:
      'https://docs.spring.io/spring-boot/reference/features/spring-application.html#features.spring-application.startup-failure',
    log: [
      '2026-11-24T09:57:31.004Z  INFO 1 --- [main] com.example.checkout.Application : Starting Application v3.1.0 using Java 21.0.4',
      '2026-11-24T09:57:33.540Z ERROR 1 --- [main] o.s.b.d.LoggingFailureAnalysisReporter   :',
      '',
      '***************************',
      'APPLICATION FAILED TO START',
      '***************************',
      '',
      'Description:',
      '',
      "Parameter 1 of constructor in com.example.checkout.PayService required a bean of type 'com.example.pay.Gateway' that could not be found.",
      '',
      'Action:',
      '',
      "Consider defining a bean of type 'com.example.pay.Gateway' in your configuration.",
    ],
    says: [/com\.example\.pay\.Gateway/],
  }),
  ends('flyway-finds-another-checksum', {
    app: 'ledger-api',
    source: 'https://documentation.red-gate.com/fd/validate-277578905.html',
    log: [
      '2026-11-24 09:57:40 ERROR [main] org.springframework.boot.SpringApplication - Application run failed',
      "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'flywayInitializer' defined in class path resource: Validate failed: Migrations have failed validation",
      '\tat org.springframework.beans.factory.support.AbstractAutowireCapableBeanFactory.initializeBean(AbstractAutowireCapableBeanFactory.java:1806)',
      '\t... 24 common frames omitted',
      'Caused by: org.flywaydb.core.api.exception.FlywayValidateException: Validate failed: Migrations have failed validation',
      'Migration checksum mismatch for migration version 12',
      '-> Applied to database : 1184310022',
      '-> Resolved locally    : -77120934',
      '\tat org.flywaydb.core.Flyway.doValidate(Flyway.java:292)',
    ],
    says: [/migration/i, /12|checksum/i],
  }),
  ends('java-classes-are-newer-than-the-runtime', {
    app: 'billing',
    source: 'https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html#jvms-4.1-200-B.2',
    log: [
      'Error: LinkageError occurred while loading main class com.example.billing.Main',
      '\tjava.lang.UnsupportedClassVersionError: com/example/billing/Main has been compiled by a more recent version of the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0',
    ],
    says: [/65\.0|more recent version|class file version/],
  }),
  ends('python-name-is-gone-from-its-module', {
    app: 'scorer',
    source: 'https://docs.python.org/3/library/exceptions.html#ImportError',
    log: [
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 3, in <module>',
      '    from scorer.model import Model',
      '  File "/app/scorer/model.py", line 9, in <module>',
      '    from collections import Mapping',
      "ImportError: cannot import name 'Mapping' from 'collections' (/usr/local/lib/python3.12/collections/__init__.py)",
    ],
    says: [/Mapping/, /collections/],
  }),
  ends('go-writes-to-a-nil-map', {
    app: 'router',
    exitCode: 2,
    source: 'https://go.dev/ref/spec#Map_types',
    log: [
      '{"level":"info","ts":"2026-11-24T09:58:00Z","msg":"loading routes","count":41}',
      'panic: assignment to entry in nil map',
      '',
      'goroutine 1 [running]:',
      'main.(*Table).Put(...)',
      '\t/src/table.go:41',
      'main.main()',
      '\t/src/main.go:77 +0x1e5',
    ],
    says: [/nil map/],
  }),
  ends('go-has-only-sleeping-goroutines', {
    app: 'dispatcher',
    exitCode: 2,
    source: 'https://go.dev/src/runtime/proc.go',
    log: [
      'starting 4 workers',
      'fatal error: all goroutines are asleep - deadlock!',
      '',
      'goroutine 1 [chan receive]:',
      'main.main()',
      '\t/src/main.go:52 +0x9c',
    ],
    says: [/deadlock|asleep/],
  }),
  ends('flag-is-not-known-to-the-program', {
    app: 'indexer',
    exitCode: 2,
    source: 'https://pkg.go.dev/flag',
    log: [
      'flag provided but not defined: -max-replicas',
      'Usage of /indexer:',
      '  -addr string',
      '    \tlisten address (default ":8080")',
      '  -v\tverbose',
    ],
    says: [/max-replicas/],
  }),
  ends('node-rejection-nobody-handled-in-json', {
    app: 'quotes',
    source: 'https://nodejs.org/api/process.html#event-unhandledrejection',
    log: [
      '{"level":30,"time":1795514279000,"pid":1,"msg":"connecting"}',
      '{"level":60,"time":1795514280000,"pid":1,"msg":"unhandled rejection","err":{"type":"TypeError","message":"Cannot read properties of undefined (reading \'rates\')","stack":"TypeError: Cannot read properties of undefined (reading \'rates\')\\n    at load (/app/dist/rates.js:18:22)"}}',
    ],
    says: [/reading 'rates'/],
  }),
  ends('node-has-no-heap-left', {
    app: 'render',
    exitCode: 134,
    source: 'https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib',
    log: [
      '<--- Last few GCs --->',
      '[1:0x7f1c]    61230 ms: Mark-Compact 253.1 (258.5) -> 252.9 (259.0) MB, 310.6 / 0.0 ms  (average mu = 0.112) allocation failure; scavenge might not succeed',
      '<--- JS stacktrace --->',
      'FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory',
      '----- Native stack trace -----',
      ' 1: 0xb8ced1 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]',
    ],
    says: [/heap/i],
  }),
  ends('rust-unwraps-an-error', {
    app: 'matcher',
    exitCode: 101,
    source: 'https://doc.rust-lang.org/std/macro.panic.html',
    log: [
      "thread 'main' panicked at src/config.rs:27:44:",
      'called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }',
      'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
    ],
    says: [/InvalidDigit|ParseIntError/],
  }),
  ends('dotnet-assembly-cannot-be-loaded', {
    app: 'invoices',
    exitCode: 134,
    source: 'https://learn.microsoft.com/dotnet/api/system.io.filenotfoundexception',
    log: [
      "Unhandled exception. System.IO.FileNotFoundException: Could not load file or assembly 'Npgsql, Version=8.0.0.0, Culture=neutral, PublicKeyToken=5d8b90d52f46fda7'. The system cannot find the file specified.",
      '',
      "File name: 'Npgsql, Version=8.0.0.0, Culture=neutral, PublicKeyToken=5d8b90d52f46fda7'",
      '   at Invoices.Program.Main(String[] args)',
    ],
    says: [/Npgsql/],
  }),
  ends('ruby-gem-is-not-installed', {
    app: 'storefront',
    exitCode: 7,
    source: 'https://bundler.io/guides/bundler_docker_guide.html',
    log: [
      'bundler: failed to load command: puma (/usr/local/bundle/bin/puma)',
      "/usr/local/lib/ruby/3.3.0/bundler/definition.rb:524:in `materialize': Could not find nokogiri-1.16.2 in locally installed gems (Bundler::GemNotFound)",
      "\tfrom /usr/local/lib/ruby/3.3.0/bundler/definition.rb:197:in `specs'",
      "\tfrom /usr/local/lib/ruby/3.3.0/bundler.rb:108:in `setup'",
    ],
    says: [/nokogiri/],
  }),
  ends('php-has-used-its-memory', {
    app: 'reports',
    exitCode: 255,
    source: 'https://www.php.net/manual/en/ini.core.php#ini.memory-limit',
    log: [
      'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /app/src/Report.php on line 88',
    ],
    says: [/memory size|134217728/],
  }),
  ends('c-library-is-older-than-the-program', {
    app: 'codec',
    source: 'https://sourceware.org/glibc/wiki/FAQ',
    log: ["/app/codec: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app/codec)"],
    says: [/GLIBC_2\.34/],
  }),
  ends('nginx-knows-no-such-upstream', {
    app: 'edge',
    source: 'https://nginx.org/en/docs/http/ngx_http_upstream_module.html',
    log: [
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
      '2026/11/24 09:58:20 [emerg] 1#1: host not found in upstream "api-v2" in /etc/nginx/conf.d/default.conf:8',
      'nginx: [emerg] host not found in upstream "api-v2" in /etc/nginx/conf.d/default.conf:8',
    ],
    says: [/api-v2/],
  }),
  ends('configuration-is-no-yaml', {
    app: 'gateway',
    source: 'https://pkg.go.dev/gopkg.in/yaml.v3',
    log: [
      'time="2026-11-24T09:58:20Z" level=info msg="gateway 4.2.0"',
      'time="2026-11-24T09:58:20Z" level=fatal msg="cannot load /etc/gateway/config.yaml: yaml: line 14: did not find expected key"',
    ],
    says: [/line 14|expected key/],
  }),
  ends('database-refuses-the-password', {
    app: 'catalog',
    source: 'https://dev.mysql.com/doc/refman/8.4/en/error-access-denied.html',
    log: [
      'connecting to mysql.data.svc:3306',
      "pymysql.err.OperationalError: (1045, \"Access denied for user 'shop'@'10.244.1.7' (using password: YES)\")",
    ],
    says: [/Access denied|password|credential/i, /shop/],
  }),
  ends('kafka-does-not-let-it-read-the-topic', {
    app: 'consumer',
    source: 'https://kafka.apache.org/documentation/#security_authz',
    log: [
      '[main] INFO org.apache.kafka.clients.consumer.KafkaConsumer - Subscribed to topic(s): orders',
      'Exception in thread "main" org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders]',
    ],
    says: [/orders/, /authori[sz]/i],
  }),
  ends('write-goes-to-a-read-only-file-system', {
    app: 'thumbs',
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
    log: [
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 12, in <module>',
      "    os.makedirs('/var/cache/thumbs')",
      "OSError: [Errno 30] Read-only file system: '/var/cache/thumbs'",
    ],
    says: [/read-only/i],
  }),
  ends('volume-has-no-space-left', {
    app: 'search',
    source: 'https://man7.org/linux/man-pages/man3/errno.3.html',
    log: ['opening index /data/index', "OSError: [Errno 28] No space left on device: '/data/index/segment_41'"],
    says: [/no space|full/i, /\/data/],
  }),
  ends('leader-lost-its-lease', {
    app: 'planner',
    source: 'k8s.io/client-go tools/leaderelection/leaderelection.go',
    log: [
      'E1124 09:58:10.100000       1 leaderelection.go:436] error retrieving resource lock shop/planner: Get "https://10.96.0.1:443/apis/coordination.k8s.io/v1/namespaces/shop/leases/planner": context deadline exceeded',
      'I1124 09:58:10.200000       1 leaderelection.go:297] failed to renew lease shop/planner: context deadline exceeded',
      'F1124 09:58:10.300000       1 main.go:88] leaderelection lost',
    ],
    says: [/lease|leader/i],
  }),
  limps(
    'connection-pool-is-used-up',
    {
      app: 'accounts',
      source: 'https://github.com/brettwooldridge/HikariCP#rocket-initialization',
      log: Array.from(
        { length: 6 },
        () =>
          '2026-11-24T09:59:30.001Z ERROR 1 --- [nio-8080-exec-9] c.e.accounts.Repository : java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=37)',
      ),
      says: [/connection is not available|pool/i],
    },
    503,
  ),
  limps(
    'workers-are-killed-for-being-slow',
    {
      app: 'forecast',
      source: 'https://docs.gunicorn.org/en/stable/settings.html#timeout',
      log: [
        '[2026-11-24 09:58:01 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:17)',
        '[2026-11-24 09:58:02 +0000] [1] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?',
        '[2026-11-24 09:58:02 +0000] [21] [INFO] Booting worker with pid: 21',
        '[2026-11-24 09:58:35 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:21)',
        '[2026-11-24 09:58:36 +0000] [1] [ERROR] Worker (pid:21) was sent SIGKILL! Perhaps out of memory?',
      ],
      says: [/worker/i],
    },
    'times out',
  ),
  limps(
    'database-takes-no-client-more',
    {
      app: 'orders',
      source: 'https://www.postgresql.org/docs/17/runtime-config-connection.html',
      log: [
        '{"level":"error","ts":"2026-11-24T09:59:31Z","caller":"store/pg.go:88","msg":"ping failed","error":"pq: sorry, too many clients already"}',
      ],
      says: [/too many clients/],
    },
    503,
  ),
  limps(
    'redis-is-a-read-only-replica',
    {
      app: 'sessions',
      source: 'https://redis.io/docs/latest/operate/oss_and_stack/management/replication/#read-only-replica',
      log: ["ERROR write session: READONLY You can't write against a read only replica."],
      says: [/read only replica|READONLY/],
    },
    500,
  ),
  limps(
    'certificate-of-the-other-side-has-expired',
    {
      app: 'rates',
      source: 'https://pkg.go.dev/crypto/x509#CertificateInvalidError',
      log: [
        'level=error msg="refresh failed" err="Get \\"https://fx.example.com/v1/rates\\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-24T09:58:00Z is after 2026-11-23T00:00:00Z"',
      ],
      says: [/certificate/i, /expired/i, /fx\.example\.com/],
    },
    503,
  ),
  limps(
    'process-has-too-many-open-files',
    {
      app: 'proxy',
      source: 'https://man7.org/linux/man-pages/man2/accept.2.html',
      log: [
        'http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 1s',
        'http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 1s',
      ],
      says: [/too many open files/i],
    },
    'times out',
  ),
  limps(
    'schema-is-locked-by-another',
    {
      app: 'loyalty',
      source: 'https://docs.liquibase.com/concepts/tracking-tables/databasechangeloglock-table.html',
      log: [
        'liquibase.lockservice : Waiting for changelog lock....',
        'liquibase.lockservice : Waiting for changelog lock....',
        'liquibase.exception.LockException: Could not acquire change log lock.  Currently locked by loyalty-6c9f (10.244.1.5) since 24.11.26 08:12',
      ],
      says: [/lock/i],
    },
    503,
  ),
] satisfies readonly DiagnosisCase[];
