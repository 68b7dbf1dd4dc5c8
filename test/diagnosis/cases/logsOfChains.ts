import { healthy, sick } from '../story.ts';
import { crashLooping, usersSee } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

/** A Deployment of one pod that ends again and again with these last lines. */
function ends(world: World, app: string, exitCode: number, log: readonly string[]): void {
  const { pods } = deployment(world, app, { replicas: 1 });
  crashLoops(world, first(pods), { exitCode, restarts: 6, since: '14m', log });
  crashLooping(world, first(pods));
}

/** Last words whose cause lies beneath wrappers, in several languages and formats. */
export const LOGS_OF_CHAINS = [
  sick('java-says-in-json-what-lies-two-causes-deep', {
    source: 'https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Throwable.html',
    about: ['Deployment/offers'],
    says: [/redis-master/],
    tell({ world }) {
      ends(world, 'offers', 1, [
        '{"@timestamp":"2026-11-24T09:58:20.100Z","level":"INFO","logger_name":"com.example.Offers","message":"Starting Offers"}',
        '{"@timestamp":"2026-11-24T09:58:25.100Z","level":"ERROR","logger_name":"org.springframework.boot.SpringApplication","message":"Application run failed","stack_trace":"org.springframework.beans.factory.BeanCreationException: Error creating bean with name \'offerCache\'\\n\\tat org.springframework.beans.A.b(A.java:12)\\nCaused by: io.lettuce.core.RedisConnectionException: Unable to connect to redis-master/<unresolved>:6379\\n\\tat io.lettuce.C.d(C.java:9)\\nCaused by: java.net.UnknownHostException: redis-master\\n\\t... 19 more\\n"}',
      ]);
      return 'offers restarts.';
    },
  }),
  sick('dotnet-names-the-socket-behind-the-arrow', {
    source: 'https://learn.microsoft.com/en-us/dotnet/api/system.exception.innerexception',
    about: ['Deployment/ratings'],
    says: [/refused/i, /5672/],
    tell({ world }) {
      ends(world, 'ratings', 134, [
        'Unhandled exception. RabbitMQ.Client.Exceptions.BrokerUnreachableException: None of the specified endpoints were reachable',
        ' ---> System.AggregateException: One or more errors occurred. (Connection failed, host 10.96.12.4:5672)',
        ' ---> System.Net.Sockets.SocketException (111): Connection refused 10.96.12.4:5672',
        '   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error)',
        '   --- End of inner exception stack trace ---',
        '   at RabbitMQ.Client.ConnectionFactory.CreateConnection()',
      ]);
      return 'ratings restarts.';
    },
  }),
  sick('python-tells-first-what-was-the-direct-cause', {
    source: 'https://docs.python.org/3/tutorial/errors.html#exception-chaining',
    about: ['Deployment/payments'],
    says: [/STRIPE_KEY/],
    tell({ world }) {
      ends(world, 'payments', 1, [
        'Traceback (most recent call last):',
        '  File "/app/settings.py", line 12, in load',
        '    key = os.environ["STRIPE_KEY"]',
        '          ~~~~~~~~~~^^^^^^^^^^^^^^',
        '  File "<frozen os>", line 679, in __getitem__',
        "KeyError: 'STRIPE_KEY'",
        '',
        'The above exception was the direct cause of the following exception:',
        '',
        'Traceback (most recent call last):',
        '  File "/app/main.py", line 4, in <module>',
        '    settings = load()',
        'RuntimeError: settings are incomplete',
      ]);
      return 'payments restarts.';
    },
  }),
  sick('go-wraps-its-errors-in-one-line-of-json', {
    source: 'https://pkg.go.dev/log/slog',
    about: ['Deployment/router'],
    says: [/routes\.yaml/],
    tell({ world }) {
      ends(world, 'router', 1, [
        '{"time":"2026-11-24T09:58:20Z","level":"INFO","msg":"router starts","version":"4.2.0"}',
        '{"time":"2026-11-24T09:58:20Z","level":"ERROR","msg":"start failed","err":"load routes: open /etc/router/routes.yaml: no such file or directory"}',
      ]);
      return 'router restarts.';
    },
  }),
  sick('rust-ends-main-with-a-chain-of-contexts', {
    source: 'https://docs.rs/anyhow/latest/anyhow/struct.Error.html',
    about: ['Deployment/indexer'],
    says: [/denied|permission/i],
    tell({ world }) {
      ends(world, 'indexer', 1, [
        'Error: cannot open the index',
        '',
        'Caused by:',
        '    0: opening segment store at /var/index',
        '    1: Permission denied (os error 13)',
      ]);
      return 'indexer restarts.';
    },
  }),
  sick('node-prints-the-cause-in-brackets', {
    source: 'https://nodejs.org/api/errors.html#errorcause',
    about: ['Deployment/feed'],
    says: [/ECONNREFUSED|refused/i, /9092/],
    tell({ world }) {
      ends(world, 'feed', 1, [
        'Error: feed could not be opened',
        '    at open (/app/feed.js:12:9)',
        '    at async main (/app/index.js:5:3) {',
        '  [cause]: AggregateError [ECONNREFUSED]: connect ECONNREFUSED 10.96.31.7:9092',
        '      at internalConnectMultiple (node:net:1122:18)',
        '}',
        '',
        'Node.js v22.11.0',
      ]);
      return 'feed restarts.';
    },
  }),
  sick('php-is-denied-by-its-database', {
    source: 'https://www.php.net/manual/en/class.pdoexception.php',
    about: ['Deployment/cms'],
    says: [/cms_app|Access denied/],
    tell({ world }) {
      ends(world, 'cms', 255, [
        "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [1045] Access denied for user 'cms_app'@'10.244.1.9' (using password: YES) in /srv/app/src/Db.php:22",
        'Stack trace:',
        "#0 /srv/app/src/Db.php(22): PDO->__construct('mysql:host=mysq...', 'cms_app', Object(SensitiveParameterValue))",
        '#1 /srv/app/public/index.php(9): App\\Db->connect()',
        '#2 {main}',
        '  thrown in /srv/app/src/Db.php on line 22',
      ]);
      return 'The CMS restarts.';
    },
  }),
  sick('elixir-names-the-host-inside-two-exits', {
    source: 'https://hexdocs.pm/db_connection/DBConnection.ConnectionError.html',
    about: ['Deployment/chat'],
    says: [/chat-db/],
    tell({ world }) {
      ends(world, 'chat', 1, [
        '09:58:20.101 [info] Running ChatWeb.Endpoint with Bandit 1.5.7',
        '09:58:25.330 [error] Postgrex.Protocol (#PID<0.2170.0>) failed to connect: ** (DBConnection.ConnectionError) tcp connect (chat-db:5432): non-existing domain - :nxdomain',
        '** (Mix) Could not start application chat: Chat.Application.start(:normal, []) returned an error: shutdown: failed to start child: Chat.Repo',
        '    ** (EXIT) an exception was raised:',
      ]);
      return 'The chat restarts.';
    },
  }),
  sick('consumer-is-not-authorised-for-its-topic', {
    source: 'https://kafka.apache.org/documentation/#security_authz',
    about: ['Deployment/fulfilment'],
    says: [/orders\.v2|authori[sz]/i],
    tell({ world }) {
      ends(world, 'fulfilment', 1, [
        '2026-11-24 09:58:20,100 INFO  [main] o.a.k.c.c.KafkaConsumer - Subscribed to topic(s): orders.v2',
        '2026-11-24 09:58:21,100 ERROR [main] c.e.Fulfilment - consumer stopped',
        'org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders.v2]',
      ]);
      return 'fulfilment restarts.';
    },
  }),
  sick('mongo-cannot-be-selected-and-the-reason-names-the-host', {
    source: 'https://www.mongodb.com/docs/drivers/node/current/connect/connection-troubleshooting/',
    about: ['Deployment/profiles'],
    says: [/profiles-mongo/],
    tell({ world }) {
      ends(world, 'profiles', 1, [
        '/app/node_modules/mongodb/lib/sdam/topology.js:278',
        '                const timeoutError = new error_1.MongoServerSelectionError(`Server selection timed out after ${timeout} ms`, this.description);',
        'MongoServerSelectionError: getaddrinfo ENOTFOUND profiles-mongo',
        '    at Topology.selectServer (/app/node_modules/mongodb/lib/sdam/topology.js:278:38) {',
        "  reason: TopologyDescription { type: 'Unknown', servers: Map(1) { 'profiles-mongo:27017' => [ServerDescription] } }",
        '}',
      ]);
      return 'profiles restarts.';
    },
  }),
  sick('ruby-cannot-load-its-credentials-without-the-master-key', {
    source: 'https://guides.rubyonrails.org/security.html#custom-credentials',
    about: ['Deployment/backoffice'],
    says: [/RAILS_MASTER_KEY|master\.key/],
    tell({ world }) {
      ends(world, 'backoffice', 1, [
        '=> Booting Puma',
        "Missing encryption key to decrypt file with. Ask your team for your master key and write it to /app/config/master.key or put it in the ENV['RAILS_MASTER_KEY'].",
        'Exiting',
      ]);
      return 'The back office restarts.';
    },
  }),
  sick('nginx-names-the-directive-it-does-not-know', {
    source: 'https://nginx.org/en/docs/beginners_guide.html#conf_structure',
    about: ['Deployment/edge-proxy'],
    says: [/proxy_passs/],
    tell({ world }) {
      ends(world, 'edge-proxy', 1, [
        '/docker-entrypoint.sh: Configuration complete; ready for start up',
        '2026/11/24 09:58:20 [emerg] 1#1: unknown directive "proxy_passs" in /etc/nginx/conf.d/default.conf:7',
        'nginx: [emerg] unknown directive "proxy_passs" in /etc/nginx/conf.d/default.conf:7',
      ]);
      return 'The edge proxy restarts.';
    },
  }),
  healthy('json-log-has-an-empty-field-for-errors', {
    source: 'https://pkg.go.dev/log/slog',
    tell({ world }) {
      const { pods } = deployment(world, 'stream', { replicas: 2 });
      for (const pod of pods)
        world.log(pod, 'stream', [
          '{"level":"info","msg":"batch stored","error":null,"failed":0,"rows":120}',
          '{"level":"info","msg":"batch stored","error":"","failed":0,"rows":98}',
        ]);
      usersSee(world, 'SlowRequests', 'A few requests were slow.');
      return 'A few requests were slow.';
    },
  }),
  healthy('exception-was-caught-and-the-call-was-tried-again', {
    source: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/retry',
    tell({ world }) {
      const { pods } = deployment(world, 'relay', { replicas: 2 });
      for (const pod of pods)
        world.log(pod, 'relay', [
          'WARN  call failed, attempt 1 of 3: java.net.SocketTimeoutException: Read timed out',
          'INFO  call succeeded at attempt 2 of 3',
        ]);
      usersSee(world, 'SlowRequests', 'A few requests were slow.');
      return 'A few requests were slow.';
    },
  }),
];
