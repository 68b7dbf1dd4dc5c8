import type { DiagnosisCase } from '../snapshot.ts';
import { sick } from '../story.ts';
import { crashLooping } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { deployment } from '../world/workloads.ts';

/** A program that ends with what it wrote last; the cause is in its lines and nowhere else. */
export interface Ending {
  readonly name: string;
  readonly source: string;
  readonly app: string;
  readonly exitCode?: number;
  readonly log: readonly string[];
  readonly says: readonly RegExp[];
  readonly query: string;
}

export function ended({ name, source, app, exitCode, log, says, query }: Ending): DiagnosisCase {
  return sick(name, {
    source,
    about: [`Deployment/${app}`],
    says,
    tell({ world }) {
      const { pods } = deployment(world, app, { replicas: 1, ports: [8080], age: '2d', podAge: '26m' });
      crashLoops(world, first(pods), { exitCode: exitCode ?? 1, restarts: 8, since: '25m', lived: '6s', log });
      crashLooping(world, first(pods));
      return query;
    },
  });
}

const JAVA = 'https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Throwable.html';
const PYTHON = 'https://docs.python.org/3/library/exceptions.html';
const NODE = 'https://nodejs.org/api/errors.html';
const GO = 'https://pkg.go.dev/builtin#panic';

/** Crashes by runtime: the deepest cause, not its wrapper. */
export const LOGS = [
  ended({
    name: 'java-deepest-cause-is-a-refused-database',
    source: JAVA,
    app: 'order-service',
    query: 'order-service crashes at start.',
    says: [/refused/i, /orders-db|5432/],
    log: [
      '2026-11-24T09:57:01.331Z ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed',
      "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'entityManagerFactory' defined in class path resource [HibernateJpaConfiguration.class]: Unable to build Hibernate SessionFactory",
      '\tat org.springframework.beans.factory.support.AbstractAutowireCapableBeanFactory.initializeBean(AbstractAutowireCapableBeanFactory.java:1826)',
      '\tat org.springframework.boot.SpringApplication.run(SpringApplication.java:1361)',
      'Caused by: jakarta.persistence.PersistenceException: [PersistenceUnit: default] Unable to build Hibernate SessionFactory',
      '\tat org.hibernate.jpa.boot.internal.EntityManagerFactoryBuilderImpl.persistenceException(EntityManagerFactoryBuilderImpl.java:1597)',
      '\t... 16 common frames omitted',
      'Caused by: org.postgresql.util.PSQLException: Connection to orders-db:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.',
      '\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:352)',
      '\t... 24 common frames omitted',
      'Caused by: java.net.ConnectException: Connection refused',
      '\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)',
      '\t... 31 common frames omitted',
    ],
  }),
  ended({
    name: 'java-class-is-not-on-the-class-path',
    source: JAVA,
    app: 'ledger-batch',
    query: 'ledger-batch does not start after the upgrade.',
    says: [/class/i, /com\.example\.money\.CurrencyTable|com\/example\/money\/CurrencyTable/],
    log: [
      'Exception in thread "main" java.lang.NoClassDefFoundError: com/example/money/CurrencyTable',
      '\tat com.example.ledger.Main.main(Main.java:14)',
      'Caused by: java.lang.ClassNotFoundException: com.example.money.CurrencyTable',
      '\tat java.base/jdk.internal.loader.BuiltinClassLoader.loadClass(BuiltinClassLoader.java:641)',
      '\t... 1 more',
    ],
  }),
  ended({
    name: 'java-was-built-for-a-newer-runtime',
    source: 'https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html',
    app: 'risk',
    query: 'risk does not start.',
    says: [/version|UnsupportedClassVersion|65\.0|newer|java/i],
    log: [
      'Error: LinkageError occurred while loading main class com.example.risk.App',
      '\tjava.lang.UnsupportedClassVersionError: com/example/risk/App has been compiled by a more recent version of the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0',
    ],
  }),
  ended({
    name: 'spring-property-has-no-value',
    source: 'https://docs.spring.io/spring-boot/reference/features/external-config.html',
    app: 'greeter',
    query: 'greeter fails at start.',
    says: [/greeter\.template\.url/],
    log: [
      "Error starting ApplicationContext. To display the condition evaluation report re-run your application with 'debug' enabled.",
      "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'greeterClient': Injection of autowired dependencies failed",
      '\tat org.springframework.beans.factory.annotation.AutowiredAnnotationBeanPostProcessor.postProcessProperties(AutowiredAnnotationBeanPostProcessor.java:515)',
      `Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'greeter.template.url' in value "\${greeter.template.url}"`,
      '\tat org.springframework.util.PropertyPlaceholderHelper.parseStringValue(PropertyPlaceholderHelper.java:180)',
    ],
  }),
  ended({
    name: 'python-module-is-not-installed',
    source: PYTHON,
    app: 'scorer',
    query: 'scorer crashes.',
    says: [/module/i, /pandas/],
    log: [
      'Traceback (most recent call last):',
      '  File "/app/score.py", line 3, in <module>',
      '    import pandas as pd',
      "ModuleNotFoundError: No module named 'pandas'",
    ],
  }),
  ended({
    name: 'python-first-error-of-a-chain-is-the-cause',
    source: 'https://docs.python.org/3/tutorial/errors.html#exception-chaining',
    app: 'etl-api',
    query: 'etl-api crashes.',
    says: [/name resolution|warehouse-db|not known|getaddrinfo/i],
    log: [
      'Traceback (most recent call last):',
      '  File "/app/db.py", line 22, in connect',
      '    sock = socket.create_connection((host, port))',
      "socket.gaierror: [Errno -2] Name or service not known: 'warehouse-db'",
      '',
      'The above exception was the direct cause of the following exception:',
      '',
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 9, in <module>',
      '    engine = connect()',
      'RuntimeError: could not initialise the engine',
    ],
  }),
  ended({
    name: 'python-environment-key-is-missing',
    source: PYTHON,
    app: 'webhooks',
    query: 'webhooks does not start.',
    says: [/STRIPE_SIGNING_SECRET/],
    log: [
      'Traceback (most recent call last):',
      '  File "/app/settings.py", line 41, in <module>',
      '    SIGNING_SECRET = os.environ["STRIPE_SIGNING_SECRET"]',
      '  File "<frozen os>", line 685, in __getitem__',
      "KeyError: 'STRIPE_SIGNING_SECRET'",
    ],
  }),
  ended({
    name: 'node-module-is-missing',
    source: NODE,
    app: 'bff',
    query: 'The bff crashes.',
    says: [/module/i, /undici/],
    log: [
      'node:internal/modules/cjs/loader:1228',
      '  throw err;',
      '  ^',
      '',
      "Error: Cannot find module 'undici'",
      'Require stack:',
      '- /app/dist/server.js',
      '    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)',
      '    at Module._load (node:internal/modules/cjs/loader:1051:27) {',
      "  code: 'MODULE_NOT_FOUND',",
      "  requireStack: [ '/app/dist/server.js' ]",
      '}',
      '',
      'Node.js v22.11.0',
    ],
  }),
  ended({
    name: 'node-port-is-in-use',
    source: NODE,
    app: 'socket-hub',
    query: 'socket-hub does not start.',
    says: [/in use|EADDRINUSE/i, /8080/],
    log: [
      'node:events:497',
      "      throw er; // Unhandled 'error' event",
      '      ^',
      '',
      'Error: listen EADDRINUSE: address already in use 0.0.0.0:8080',
      '    at Server.setupListenHandle [as _listen2] (node:net:1937:16)',
      '    at listenInCluster (node:net:1994:12)',
      "Emitted 'error' event on Server instance at:",
      '    at emitErrorNT (node:net:1973:8)',
      'Node.js v22.11.0',
    ],
  }),
  ended({
    name: 'node-heap-is-exhausted',
    source: 'https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib',
    app: 'ssr',
    exitCode: 134,
    query: 'ssr dies every few minutes.',
    says: [/heap|memory/i],
    log: [
      '<--- Last few GCs --->',
      '[1:0x7f2a1c000000]   184022 ms: Mark-Compact 253.1 (258.4) -> 252.7 (258.9) MB, 312.11 / 0.00 ms  (average mu = 0.094, current mu = 0.011) allocation failure; scavenge might not succeed',
      '<--- JS stacktrace --->',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      '----- Native stack trace -----',
      ' 1: 0xb8d0a3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]',
    ],
  }),
  ended({
    name: 'go-panics-on-a-nil-map',
    source: GO,
    app: 'cart-go',
    exitCode: 2,
    query: 'cart-go crashes.',
    says: [/nil map/i],
    log: [
      '2026/11/24 09:58:33 listening on :8080',
      'panic: assignment to entry in nil map',
      '',
      'goroutine 41 [running]:',
      'example.com/shop/cart.(*Store).Add(0xc0000b4000, {0xc00011e0c0, 0x24}, 0x1)',
      '\t/src/cart/store.go:57 +0x9c',
      'net/http.HandlerFunc.ServeHTTP(0xc0000a6150, {0x8e7b40, 0xc0001c40e0}, 0xc0001ca000)',
      '\t/usr/local/go/src/net/http/server.go:2220 +0x29',
    ],
  }),
  ended({
    name: 'go-wraps-the-cause-at-the-end-of-the-line',
    source: 'https://pkg.go.dev/fmt#Errorf',
    app: 'relay',
    query: 'relay crashes.',
    says: [/password authentication failed|authentication/i, /relay_rw/],
    log: [
      '{"time":"2026-11-24T09:58:11.5Z","level":"INFO","msg":"starting","version":"3.9.1"}',
      '{"time":"2026-11-24T09:58:11.9Z","level":"ERROR","msg":"fatal","err":"run: open store: ping: failed to connect to `user=relay_rw database=relay`: 10.96.41.7:5432 (relay-db): server error: FATAL: password authentication failed for user \\"relay_rw\\" (SQLSTATE 28P01)"}',
    ],
  }),
  ended({
    name: 'dotnet-names-its-inner-exception',
    source: 'https://learn.microsoft.com/en-us/dotnet/api/system.exception.innerexception',
    app: 'loyalty',
    exitCode: 134,
    query: 'loyalty crashes at start.',
    says: [/refused|redis-loyalty/i],
    log: [
      'Unhandled exception. System.AggregateException: One or more errors occurred. (It was not possible to connect to the redis server(s). UnableToConnect on redis-loyalty:6379/Interactive)',
      ' ---> StackExchange.Redis.RedisConnectionException: It was not possible to connect to the redis server(s). UnableToConnect on redis-loyalty:6379/Interactive, Initializing/NotStarted',
      ' ---> System.Net.Sockets.SocketException (111): Connection refused',
      '   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error, CancellationToken cancellationToken)',
      '   --- End of inner exception stack trace ---',
      '   at Loyalty.Program.Main(String[] args) in /src/Loyalty/Program.cs:line 27',
    ],
  }),
  ended({
    name: 'ruby-gem-cannot-be-loaded',
    source: 'https://docs.ruby-lang.org/en/3.4/LoadError.html',
    app: 'backoffice',
    query: 'backoffice crashes.',
    says: [/nokogiri/],
    log: [
      "/usr/local/lib/ruby/3.4.0/bundled_gems.rb:82:in 'Kernel.require': cannot load such file -- nokogiri (LoadError)",
      "\tfrom /usr/local/lib/ruby/3.4.0/bundled_gems.rb:82:in 'block (2 levels) in Kernel#replace_require'",
      "\tfrom /app/config/boot.rb:4:in '<main>'",
    ],
  }),
  ended({
    name: 'rust-panics-on-a-missing-file',
    source: 'https://doc.rust-lang.org/std/macro.panic.html',
    app: 'tiles',
    exitCode: 101,
    query: 'tiles crashes.',
    says: [/tiles\.toml|No such file/i],
    log: [
      "thread 'main' panicked at src/main.rs:18:48:",
      'called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: "No such file or directory: /etc/tiles/tiles.toml" }',
      'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
    ],
  }),
];
