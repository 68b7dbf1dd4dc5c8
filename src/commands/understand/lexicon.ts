/**
 * What a word of a sentence is about. A word of several languages maps to one concept; what is in no list may be the name
 * of an object. Words are compared in lower case and without accents.
 */
const WORDS = {
  show: 'show list display see view get give print watch read ls look open-up fetch zeig zeige zeigen anzeigen mostrar muestra muestrame mostrame ver dame lista listar mostra mostre affiche afficher montre montrez montrer voir liste miseru',
  logs: 'logs log logfile logfiles logging protokoll protokolle registros registro journaux journal logi output stdout lines line tail exception exceptions stacktrace stacktraces traceback tracebacks crashlog crashlogs',
  events: 'events event ereignisse ereignis eventos evento evenements evenement',
  pods: 'pods pod po container containers contenedores restarts',
  nodes: 'nodes node no machines hosts knoten nodos nodo noeuds noeud',
  jobs: 'jobs job',
  builds: 'builds build building compilation',
  rollouts:
    'rollouts rollout deploy deploys deployed deployments deployment releases release released shipped deployt desplegado despliegues deploye deploiement deploiements implantado implantacoes',
  changes:
    'changes change changed geandert anderungen anderung geaendert aenderungen cambios cambio cambiado changement changements change mudancas mudanca mudou alteracoes',
  usage:
    'memory mem ram cpu usage consumption load utilization utilisation resources speicher auslastung verbrauch memoria uso consumo memoire consommation',
  function: 'function functions ksvc lambda lambdas funktion funktionen funcion funciones fonction funcao funcoes',
  eventing: 'eventing brokers triggers broker trigger queue queues deadletter dlq',
  quota: 'quota quotas limits',
  storage: 'storage disk disks volumes volume pvc pvcs bucket minio',
  hpa: 'hpa autoscaler autoscalers autoscaling',
  slo: 'slo slos budget objectives sla',
  golden:
    'golden latency latencies errors traffic saturation rps throughput metrics p95 p99 5xx fehlerrate latenz latencia latence erros errores erreurs',
  bad: 'broken broke break down wrong failing failed fails fail failure happening happened going fire burning dead crash crashing crashes crashed crashlooping crashloop restarting restarted killed died dies slow stuck pending unhealthy oom oomkilled error erroring degraded kaputt los rot rota roto caido caida mal falla fallando pasa pasando rompio cassee casse panne marche quebrado quebrada quebrou caiu errado acontecendo fora hs problem problems problema problemas probleme issue issues gestort defekt kaputte timeout timeouts evicted notready hanging hangs hung terminating stopped unavailable unreachable ausgefallen lento lenta lent langsam lente afuera atascado colgado haengt hangt bloque bloquee travado',
  incidents:
    'incidents incident alerts alert alarms alarm outage outages störung storung storungen vorfalle vorfall incidentes incidente incidencias incidencia alertas alerta alertes alerte firing overview dashboard summary-all incidencia',
  open: 'open active current ongoing offen offene abiertos abierto abiertas ouverts ouvert ouvertes abertos aberto aktiv activos actifs ativos currently',
  all: 'all alle todos todas tous toutes everything any anything something alles todo tudo tout nada etwas algo',
  who: 'who whos whose wer quien quienes qui quem',
  oncall: 'oncall bereitschaft guardia astreinte plantao rota rotation pikett dienst',
  owns: 'owns own owner has have got working handling handles took taken hat lleva tiene occupe cuidando acked responsible kummert kuemmert zustandig ocupa responsable responsavel',
  why: 'why warum wieso weshalb pourquoi porque diagnose diagnosis diagnostic diagnostics investigate debug analyse analyze troubleshoot rca check examine inspect explain what-happened cause reason root',
  well: 'ok okay healthy alive up fine working works running health gut gesund bien sano funciona funcionando marcha bom good well responding ready reachable live',
  what: 'what whats wat was que quoi o-que cual which wie como comment how hows',
  status:
    'status state stand zustand estado etat statut situation situacion situacao timeline history summary details detail info verlauf historie cronologia historial historique progress notes recap tldr',
  runbook:
    'runbook runbooks playbook playbooks steps step instructions anleitung guia guide procedimiento procedure procedimento schritte pasos etapes passos',
  next: 'next now todo jetzt ahora maintenant agora tun hago hacer faire faco fazer action',
  help: 'help hilfe ayuda aide ajuda man manual commands command befehle comandos commandes h halp sos options',
  postmortem: 'postmortem postmortems report export pm bericht informe rapport relatorio retrospective writeup',
} as const;

export type Concept = keyof typeof WORDS;

/** Words without a meaning of their own. */
const FILLER = new Set(
  'where when have hay ya muy lo quel quelle quels quelles quais sich haben gibt noch wo donde ou onde tem ne pas y sobre a an the this that these those my our your me us i im we you it its is are was were am be been do does did doing to of for on with from about and or as at by so can could would should will shall want need wanna gonna please pls plz kindly just really right currently there here still again even s re ve t hey wtf hell tf fuck the-hell der die das den dem des ein eine einen einem mir mich uns ist sind war von vom fur für im am an bei zu zum zur nicht ich wir du es und auf el la los las un una unos de del al en mi me nos es esta estan esta son por para con y que se le les des du d l un une au aux en pour par avec et est sont ce cet cette qui s qu moi nous os as um uma no na do da dos das de em por para com e esta estao ma meu minha last latest recent newest lately today yesterday since tonight minutes much many time times hour hours day days week minute min mins stunde stunden hora horas heure heures plus ca write make create generate prepare start estao'.split(
    ' ',
  ),
);

/** What several words mean together, before single words are looked at. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bon[- ]call\b/g, 'oncall'],
  [/\bpost[- ]mortem\b/g, 'postmortem'],
  [/\broot cause\b/g, 'why'],
  [/\berror (?:rate|rates|ratio)\b/g, 'golden'],
  [/\berror budget\b/g, 'slo'],
  [/\bdead[- ]letters?\b/g, 'eventing'],
  [/\bwhat(?:'s| is|s)? (?:up|new)\b/g, 'what bad'],
  [/\bhow (?:do|can|should) (?:i|we|you) (?:fix|solve|repair|handle|mitigate)\b.*$/g, 'runbook'],
  [/\bwhat(?: the hell)? (?:do|should|can|shall|must) (?:i|we) do\b(?: now| next)?/g, 'runbook'],
  [/\bwhat can (?:you|i) (?:do|ask|type|say)\b/g, 'help'],
  [/\bwhat (?:now|next|to do)\b|\bnext steps?\b/g, 'runbook'],
  [/\bwas (?:tun|soll ich tun|kann ich tun|mache ich|jetzt)\b/g, 'runbook'],
  [/\bque (?:hago|hacemos|puedo hacer)\b|\bque faire\b|\bo que (?:faco|fazer|eu faco)\b/g, 'runbook'],
  [/\bqu'?est[- ]ce (?:qui|que|qu')\b/g, 'what'],
  [/\bo que\b/g, 'what'],
  [/\bpor que\b|\bpor qué\b/g, 'why'],
  [
    /\bwhat (?:should|can|do|must) (?:i|we) (?:check|look at|look for|try|run|investigate)\b(?: first| next| now)?/g,
    'runbook',
  ],
  [
    /\bwhat does (?:this|it|that|the alert)(?: alert)? mean\b|\bhow (?:bad|serious) is\b(?! (?:it|this|that)\b)/g,
    'runbook',
  ],
  [/\b(?:nothing|nichts|nada|rien) (?:works?|geht|funktioniert|funciona|marche)\b/g, 'bad'],
  // How an incident stands, asked without naming it.
  [
    /\b(?:any |other )?(?:news|updates?)\b|\beta\b|\b(?:when did|since when|how long)\b(?: (?:is|has|does|did|it|this|that|been|going|on|start(?:ed)?|begin|began|last(?:ed)?))*|\bhow (?:bad|serious) is (?:it|this|that)\b|\b(?:is|was) (?:it|this|that) (?:still |already |really )?(?:fixed|over|resolved|done|solved|ongoing|happening|better|worse)\b(?: (?:now|yet|already))?/g,
    'status',
  ],
  [/\bwho (?:do|should|can|must) (?:i|we) (?:call|page|ask|ping|contact|wake|tell)\b/g, 'oncall'],
  [/\bquoi de neuf\b|\bque tal\b/g, 'what bad'],
  [/\bis going on\b|\bgoing on\b/g, 'bad'],
  [/\bne (?:marche|fonctionne|repond) (?:pas|plus)\b/g, 'bad'],
  [/\b(?:no|nao) (?:funciona|responde|anda)\b/g, 'bad'],
  [
    /\bnot (?:working|responding|ready|running|healthy|up|available|reachable|starting)\b|\b(?:isn'?t|doesn'?t|won'?t|aren'?t|can'?t) (?:work|working|start|respond|responding|up|ready|running|healthy)\b/g,
    'bad',
  ],
  [/\bgeht nicht\b|\bfunktioniert nicht\b|\blauft nicht\b/g, 'bad'],
  [/\b(?:who(?:'s| is)? on it|who is looking)\b/g, 'who owns'],
  [/ヘルプ|助けて|使い方/g, ' help '],
  [/壊れて(?:いる|る|います)?|落ちて(?:いる|る|います)?|起きて(?:いる|る|います)?|動かない|異常/g, ' bad '],
  [/障害|インシデント|アラート/g, ' incidents '],
  [/ログ/g, ' logs '],
  [/イベント/g, ' events '],
  [/ポッド/g, ' pods '],
  [/ノード/g, ' nodes '],
  [/見せて(?:ください)?|表示(?:して)?|一覧/g, ' show '],
  [/状況|状態|ステータス/g, ' status '],
  [/当番|オンコール/g, ' oncall '],
  [/手順/g, ' runbook '],
  [/変更/g, ' changes '],
  [/なぜ|原因/g, ' why '],
  [/何/g, ' what '],
  [/誰/g, ' who '],
  [/ですか|です|ください|[のをがはにでと]|か(?=\s|$)/g, ' '],
];

const CONCEPTS: ReadonlyMap<string, Concept> = new Map(
  (Object.keys(WORDS) as Concept[]).flatMap((concept) =>
    [concept, ...WORDS[concept].split(' ')].map((word): [string, Concept] => [word, concept]),
  ),
);

/** Words after which the next unknown word is a namespace. */
const IN = new Set(['in', 'inside', 'within', 'namespace', 'ns', 'dans']);

export interface Sentence {
  readonly concepts: readonly Concept[];
  /** Words that are in no list: names of objects, or something unknown. */
  readonly names: readonly string[];
  readonly namespace: string | null;
  readonly numbers: readonly string[];
}

/** A line taken apart into what its words are about. */
export function readSentence(line: string): Sentence {
  let text = line
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
  for (const [pattern, word] of PHRASES) text = text.replaceAll(pattern, word);
  const words = text
    .split(/[\s,;:!?¿¡。！？、"“”()]+/u)
    .map((word) =>
      word
        .replace(/^['.]+|['.]+$/g, '')
        .replace(/^(?:[dlsq]|qu|what|who|how|where)'(?=.)/, (prefix) =>
          prefix.length > 2 && prefix !== "qu'" ? `${prefix.slice(0, -1)}\u0000` : '',
        ),
    )
    .flatMap((word) => word.split('\u0000'))
    .flatMap((word) =>
      word.endsWith('-moi') || word.endsWith('-nous') ? [word.slice(0, word.lastIndexOf('-'))] : [word],
    )
    .filter((word) => word !== '' && word !== 's');
  return sort(words);
}

function sort(words: readonly string[]): Sentence {
  const concepts: Concept[] = [];
  const names: string[] = [];
  const numbers: string[] = [];
  let namespace: string | null = null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    if (IN.has(word)) {
      if (next !== undefined && !CONCEPTS.has(next) && !FILLER.has(next)) {
        namespace = next;
        at += 1;
      }
      continue;
    }
    const number = /^(?:#|inc[-#]?|incident[-#]?)?([1-9]\d{0,8})$/.exec(word);
    // A plural of the other languages: `quebrados`, `rotas`.
    const concept = CONCEPTS.get(word) ?? (word.length > 4 ? CONCEPTS.get(word.replace(/s$/, '')) : undefined);
    if (number) numbers.push(number[1] ?? '');
    else if (concept) concepts.push(concept);
    else if (!FILLER.has(word) && !/^[a-z]$/.test(word)) names.push(word);
  }
  return { concepts, names, namespace, numbers };
}
