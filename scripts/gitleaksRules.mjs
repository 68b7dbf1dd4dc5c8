// Makes src/redaction/rules/gitleaks.json of gitleaks' default rules (MIT), for one exact version. Needs Go and its module
// proxy; nothing else of the project does. Run: node scripts/gitleaksRules.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MODULE = 'github.com/zricethezav/gitleaks/v8';
const VERSION = 'v8.30.1';
const TARGET = resolve(import.meta.dirname, '../src/redaction/rules/gitleaks.json');

/** Rules that are left out, and why. */
const LEFT_OUT = {
  'generic-api-key':
    'guesses at any name and value: slow, noisy, and what src/redaction/assignments.ts does with more care',
  'curl-auth-header': 'looks back over any number of lines; src/redaction/secretPlaces.ts has it within one',
  'curl-auth-user': 'the same',
  'kubernetes-secret-yaml': 'src/redaction/manifests.ts reads every value of a Secret, not the first',
  'private-key': 'src/redaction/privateKeys.ts also knows keys whose beginning or end was cut off',
  jwt: 'its keyword is in every "key"; src/redaction/secretPlaces.ts has it',
  'jwt-base64': 'src/redaction/encoded.ts decodes',
  'sourcegraph-access-token': 'takes any commit near the word; src/redaction/providers.ts has the token',
  'twilio-api-key': 'its keyword is in every "task" and "disk"; src/redaction/providers.ts has it',
  'hashicorp-tf-password': 'src/redaction/assignments.ts',
};
/** Identifiers that authenticate nobody. */
const PUBLIC = /-client-id$|-pub(?:lic)?-key$|mapbox-api-token|-account-id$/;

const program = `package main
import ("encoding/json"; "os"; "github.com/pelletier/go-toml/v2"; "${MODULE}/config")
func main() {
  var rules map[string]any
  if err := toml.Unmarshal([]byte(config.DefaultConfig), &rules); err != nil { panic(err) }
  if err := json.NewEncoder(os.Stdout).Encode(rules); err != nil { panic(err) }
}
`;

function read() {
  const folder = mkdtempSync(join(tmpdir(), 'gitleaks-'));
  const go = (...args) => execFileSync('go', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  try {
    writeFileSync(join(folder, 'go.mod'), `module rules\n\ngo 1.24\n\nrequire ${MODULE} ${VERSION}\n`);
    writeFileSync(join(folder, 'main.go'), program);
    go('mod', 'tidy');
    const licence = readFileSync(join(go('list', '-m', '-f', '{{.Dir}}', MODULE).trim(), 'LICENSE'), 'utf8');
    return { config: JSON.parse(go('run', '.')), licence };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Go's expressions in JavaScript's writing. */
function translated(source) {
  let flags = '';
  let text = source;
  if (text.startsWith('(?i)')) {
    flags = 'i';
    text = text.slice(4);
  }
  text = text
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$')
    .replaceAll('[[:alnum:]]', '[A-Za-z0-9]')
    .replaceAll('[:alnum:]', 'A-Za-z0-9');
  return { source: scoped(text), flags };
}

/** `(?i)` and `(?-i)` inside hold to the end of their group, which JavaScript writes as a group of its own. */
function scoped(text) {
  const at = text.search(/\(\?-?i\)/);
  if (at < 0) return text;
  const flag = /^\(\?(-?i)\)/.exec(text.slice(at));
  const rest = text.slice(at + flag[0].length);
  let depth = 0;
  let inClass = false;
  let end = rest.length;
  for (let index = 0; index < rest.length; index += 1) {
    const character = rest[index];
    if (character === '\\') index += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      if (depth === 0) {
        end = index;
        break;
      }
      depth -= 1;
    }
  }
  return scoped(`${text.slice(0, at)}(?${flag[1]}:${rest.slice(0, end)})${rest.slice(end)}`);
}

/** Up to fifty characters before the provider's name say nothing and cost a search from each of them. */
const BEFORE = '[\\w.-]{0,50}?';
/** What may follow a token in gitleaks' files; a log has commas, brackets and full stops as well. */
const AFTER = '(?:[\\x60\'"\\s;]|\\\\[nr]|$)';

function loosened(source) {
  const text = source.startsWith(BEFORE) ? source.slice(BEFORE.length) : source;
  return text.replaceAll(BEFORE, '').replaceAll(AFTER, '(?![\\w-])');
}

/** Only what is said of the secret itself: what stands around it must not decide whether it is one. */
function exceptions(rule) {
  return (rule.allowlists ?? [])
    .filter(({ paths, condition, regexTarget = 'secret' }) => !paths && !condition && regexTarget === 'secret')
    .flatMap(({ regexes = [] }) => regexes)
    .map((regex) => {
      const { source, flags } = translated(regex);
      return flags === '' ? source : `(?${flags}:${source})`;
    });
}

/** Whether each match begins with one of the keywords, so that it is looked for there and nowhere else. */
function beginsWithKeyword(source, keywords) {
  const bare = source.replace(/^(?:\\b|\((?:\?(?:i)?:)?)*/, '');
  const plain = (text) => text.replaceAll('\\.', '.').replaceAll('\\-', '-').toLowerCase();
  const head = plain(bare);
  const [, choice] = /^([\w.|-]+)\)/.exec(head) ?? [];
  const heads = choice?.includes('|') ? choice.split('|') : [head];
  return keywords.every((word) => heads.some((each) => each.startsWith(word) || (choice && word.startsWith(each))));
}

/** `s.` is in every "pods." of a log; src/redaction/providers.ts has Vault's old tokens. */
const TOO_SHORT = ['s.'];

const { config, licence } = read();
const rules = config.rules
  .filter(({ id, regex }) => regex && !(id in LEFT_OUT) && !PUBLIC.test(id))
  .map((rule) => {
    const { source, flags } = translated(rule.regex);
    const allowed = exceptions(rule);
    return {
      id: rule.id,
      keywords: (rule.keywords ?? []).map((word) => word.toLowerCase()).filter((word) => !TOO_SHORT.includes(word)),
      regex: loosened(source),
      ...(beginsWithKeyword(loosened(source), rule.keywords ?? []) ? { begins: true } : {}),
      ...(flags === '' ? {} : { flags }),
      ...(rule.entropy ? { entropy: rule.entropy } : {}),
      ...(rule.secretGroup ? { group: rule.secretGroup } : {}),
      ...(allowed.length === 0 ? {} : { allowed }),
    };
  });
for (const { id, regex, flags, keywords, allowed = [] } of rules) {
  new RegExp(regex, `g${flags ?? ''}`);
  for (const each of allowed) new RegExp(each);
  if (keywords.length === 0) throw new Error(`${id} has no keywords`);
}
const document = {
  source: `${MODULE} ${VERSION}, made by scripts/gitleaksRules.mjs`,
  licence,
  leftOut: LEFT_OUT,
  rules,
};
writeFileSync(TARGET, `${JSON.stringify(document, null, 1)}\n`);
console.log(`${rules.length} of ${config.rules.length} rules`);
