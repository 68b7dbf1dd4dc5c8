import type { Rule } from './rule.ts';

/** What must not stand before a token: it would be the end of another word. */
const ALONE = '(?<![A-Za-z0-9])';
/** What must not follow one of a fixed length. */
const END = '(?![A-Za-z0-9])';

/**
 * Tokens with a fixed beginning, as their issuers document them, that gitleaks' rules do not have or have only beside the
 * issuer's name. A length is lenient at its lower end: a bound may have cut the secret short. The keyword is the beginning
 * up to the first character that varies; the rest follows it.
 */
const BEGINNINGS: readonly (readonly [id: string, beginnings: readonly string[], rest: string])[] = [
  ['github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], '[A-Za-z0-9]{16,255}'],
  ['github', ['github_pat_'], '[A-Za-z0-9_]{20,255}'],
  [
    'gitlab',
    [
      ...['glpat-', 'gldt-', 'glrt-', 'glrtr-', 'glcbt-', 'glptt-', 'glft-', 'glsoat-', 'glagent-', 'glimt-', 'gloas-'],
      ...['glffct-', 'GR1348941'],
    ],
    '[A-Za-z0-9_.-]{14,256}',
  ],
  [
    'slack',
    ['xoxa-', 'xoxb-', 'xoxc-', 'xoxd-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    '[A-Za-z0-9-]{10,255}',
  ],
  ['slack', ['xoxe.xoxb-', 'xoxe.xoxp-'], '[A-Za-z0-9-]{10,255}'],
  ['google', ['AIza'], '[A-Za-z0-9_-]{25,60}'],
  ['google', ['ya29.'], '[A-Za-z0-9_.-]{20,1024}'],
  ['google', ['1//0'], '[A-Za-z0-9_-]{30,256}'],
  ['google', ['GOCSPX-'], '[A-Za-z0-9_-]{16,64}'],
  ['google', ['GOOG1'], '[A-Z0-9]{20,64}'],
  ['aws', ['AKIA', 'ASIA', 'ABIA', 'ACCA'], `[A-Z2-7]{16}${END}`],
  ['aws', ['ABSK'], '[A-Za-z0-9+/]{60,300}={0,2}'],
  ['alibaba', ['LTAI'], `[A-Za-z0-9]{16,24}${END}`],
  ['tencent', ['AKID'], `[A-Za-z0-9]{32}${END}`],
  ['yandex', ['AQVN'], '[A-Za-z0-9_-]{35,40}'],
  ['yandex', ['t1.'], '[A-Za-z0-9_-]{20,256}={0,2}\\.[A-Za-z0-9_-]{80,90}={0,2}'],
  ['npm', ['npm_'], '[A-Za-z0-9]{20,64}'],
  ['nuget', ['oy2'], `[a-z0-9]{43}${END}`],
  ['pypi', ['pypi-'], '[A-Za-z0-9_-]{32,512}'],
  ['rubygems', ['rubygems_'], '[a-f0-9]{32,64}'],
  ['crates.io', ['cio'], `[A-Za-z0-9]{32}${END}`],
  ['clojars', ['CLOJARS_'], '[a-z0-9]{40,64}'],
  ['sendgrid', ['SG.'], '[A-Za-z0-9_-]{12,64}\\.[A-Za-z0-9_-]{10,128}'],
  ['brevo', ['xkeysib-'], '[a-f0-9]{40,64}-[A-Za-z0-9]{8,32}'],
  ['stripe', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'pk_live_', 'pk_test_'], '[A-Za-z0-9]{10,255}'],
  ['stripe', ['whsec_'], '[A-Za-z0-9+/=]{16,255}'],
  ['braintree', ['access_token$'], '(?:production|sandbox)\\$[a-z0-9]{16}\\$[a-f0-9]{32}'],
  ['square', ['sq0atp-', 'sq0csp-', 'sq0idp-'], '[A-Za-z0-9_-]{20,64}'],
  ['square', ['EAAA'], '[A-Za-z0-9_-]{55,64}(?![\\w-])'],
  ['facebook', ['EAAC', 'EAAM', 'EAAB'], '[A-Za-z0-9]{80,512}'],
  ['model provider', ['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'], '[A-Za-z0-9_-]{16,255}'],
  ['model provider', ['sk-'], `[A-Za-z0-9]{32,64}${END}`],
  ['model provider', ['hf_', 'api_org_'], `(?=[A-Za-z0-9]{0,33}[A-Z])[A-Za-z0-9]{34}${END}`],
  ['model provider', ['gsk_', 'r8_', 'xai-', 'xai_'], '(?=[A-Za-z]{0,80}[0-9])[A-Za-z0-9]{30,128}'],
  ['model provider', ['pplx-'], '[A-Za-z0-9]{40,64}'],
  ['model provider', ['nvapi-'], '[A-Za-z0-9_-]{40,128}'],
  ['vault', ['hvs.', 'hvb.', 'hvr.'], '[A-Za-z0-9_-]{20,512}'],
  ['vault', ['s.'], `(?=[A-Za-z]{0,23}[0-9])(?=[A-Za-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}${END}`],
  ['docker', ['dckr_pat_', 'dckr_oat_'], '[A-Za-z0-9_-]{16,128}'],
  ['digitalocean', ['doo_v1_', 'dop_v1_', 'dor_v1_'], '[a-f0-9]{32,128}'],
  ['shopify', ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shpua_'], '[A-Fa-f0-9]{24,64}'],
  ['grafana', ['glsa_', 'glc_'], '[A-Za-z0-9+/=_]{24,512}'],
  ['new relic', ['NRAK-', 'NRRA-', 'NRII-', 'NRJS-'], '[A-Za-z0-9_-]{19,64}'],
  ['linear', ['lin_api_', 'lin_oauth_'], '[A-Za-z0-9]{20,128}'],
  ['notion', ['ntn_', 'secret_'], `[A-Za-z0-9]{40,64}${END}`],
  ['figma', ['figd_', 'figo_', 'figu_', 'figdr_', 'figor_', 'figur_'], '[A-Za-z0-9_-]{20,128}'],
  ['1password', ['ops_eyJ'], '[A-Za-z0-9+/=_-]{20,4096}'],
  ['age', ['AGE-SECRET-KEY-1'], '[A-Z0-9]{20,80}'],
  ['doppler', ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'], '[A-Za-z0-9._-]{20,128}'],
  ['fly.io', ['fo1_'], '[A-Za-z0-9_-]{20,128}'],
  ['fly.io', ['fm1r_', 'fm1a_', 'fm2_'], '[A-Za-z0-9+/=_-]{40,4096}'],
  ['tailscale', ['tskey-'], '[a-z]{2,12}-[A-Za-z0-9-]{12,128}'],
  ['databricks', ['dapi'], '[a-f0-9]{32}(?:-[0-9])?'],
  ['planetscale', ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'], '[A-Za-z0-9_.-]{20,128}'],
  ['sentry', ['sntrys_', 'sntryu_'], '[A-Za-z0-9+/=_-]{20,512}'],
  ['supabase', ['sbp_', 'sb_secret_'], '[A-Za-z0-9_-]{20,128}'],
  ['atlassian', ['ATATT3'], '[A-Za-z0-9+/=_-]{40,512}'],
  ['atlassian', ['ATCTT', 'ATBB'], '[A-Za-z0-9+/=_-]{24,512}'],
  ['artifactory', ['AKCp', 'cmVmdGtu', 'cmVmdG'], `[A-Za-z0-9]{50,75}${END}`],
  ['heroku', ['HRKU-'], '[A-Za-z0-9_-]{24,128}'],
  ['postman', ['PMAK-'], '[A-Za-z0-9-]{24,128}'],
  ['pulumi', ['pul-'], '[a-f0-9]{40}'],
  ['buildkite', ['bkua_', 'bkaj_', 'bkct_'], '[A-Za-z0-9]{20,128}'],
  ['twilio', ['SK'], `[a-f0-9]{32}${END}`],
  ['mailgun', ['key-'], `[a-f0-9]{32}${END}`],
  ['dynatrace', ['dt0'], '[a-z][0-9]{2}\\.[A-Z0-9]{20,40}\\.[A-Z0-9]{32,128}'],
  ['sonarqube', ['squ_', 'sqp_', 'sqa_'], '[a-f0-9]{32,64}'],
  ['sourcegraph', ['sgp_'], '(?:(?:[a-f0-9]{16}|local)_)?[a-f0-9]{40}'],
  ['openshift', ['sha256~'], '[A-Za-z0-9_-]{40,64}'],
  ['netlify', ['nfp_', 'nfc_', 'nfo_', 'nfu_', 'nfb_'], `[A-Za-z0-9]{32,64}${END}`],
  ['vercel', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], '[A-Za-z0-9]{40,96}'],
  ['launchdarkly', ['sdk-', 'api-', 'mob-'], '[a-f0-9]{8}-[a-f0-9]{4}-4?[a-f0-9]{3,4}-[a-f0-9]{4}-[a-f0-9]{12}'],
  ['contentful', ['CFPAT-'], '[A-Za-z0-9_-]{40,64}'],
  ['dropbox', ['sl.u.'], '[A-Za-z0-9_-]{100,512}'],
  ['typeform', ['tfp_'], '[A-Za-z0-9_.=-]{40,80}'],
  ['harness', ['pat.', 'sat.'], '[A-Za-z0-9_-]{22}\\.[a-f0-9]{24}\\.[A-Za-z0-9]{20}'],
  ['airtable', ['pat'], `[A-Za-z0-9]{14}\\.[a-f0-9]{64}${END}`],
  ['beamer', ['b_'], '[A-Za-z0-9=_-]{44}(?![\\w=-])'],
  ['adafruit', ['aio_'], `[A-Za-z0-9]{28}${END}`],
  ['duffel', ['duffel_live_', 'duffel_test_'], '[A-Za-z0-9_=-]{40,64}'],
  ['flutterwave', ['FLWSECK_TEST-', 'FLWSECK-'], '[a-z0-9]{12,32}(?:-X)?'],
  ['frame.io', ['fio-u-'], '[A-Za-z0-9_=-]{40,80}'],
  ['easypost', ['EZAK', 'EZTK'], `[A-Za-z0-9]{54}${END}`],
  ['infracost', ['ico-'], `[A-Za-z0-9]{32}${END}`],
  ['readme', ['rdme_'], '[a-z0-9]{50,80}'],
  ['mapbox', ['sk.eyJ'], '[A-Za-z0-9_-]{20,256}\\.[A-Za-z0-9_-]{15,64}'],
  ['octopus', ['API-'], `(?=[A-Z]{0,25}[0-9])[A-Z0-9]{26}${END}`],
  ['prefect', ['pnu_', 'pnb_'], `[A-Za-z0-9]{36}${END}`],
  ['scalingo', ['tk-us-'], '[A-Za-z0-9_-]{40,64}'],
  ['shippo', ['shippo_live_', 'shippo_test_'], '[a-f0-9]{32,64}'],
  ['settlemint', ['sm_pat_', 'sm_aat_', 'sm_sat_'], '[A-Za-z0-9]{16,64}'],
  ['adobe', ['p8e-'], '[A-Za-z0-9]{32}'],
  ['1password', ['A3-'], '[A-Z0-9]{6}-[A-Z0-9]{6,11}(?:-[A-Z0-9]{5}){3,4}'],
  ['cloudflare', ['v1.0-'], '[a-f0-9]{24}-[a-f0-9]{100,160}'],
  ['hashed password', ['{SSHA}', '{SSHA256}', '{SSHA512}', '{SHA}', '{MD5}', '{CRYPT}'], '[A-Za-z0-9+/=.$]{16,256}'],
];

const literal = (text: string): string => text.replaceAll(/[.$^*+?()[\]{}|\\]/g, String.raw`\$&`);

/** Tokens in whose middle or end the issuer's mark stands. */
const MARKED: readonly Rule[] = [
  { id: 'azure', keywords: ['q~'], regex: `(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}` },
  { id: 'azure devops', keywords: ['azdo'], regex: `${ALONE}[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}${END}` },
  { id: 'terraform', keywords: ['.atlasv1.'], regex: `${ALONE}[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{20,128}` },
  { id: 'mailchimp', keywords: ['-us'], regex: `${ALONE}[a-f0-9]{32}-us[0-9]{1,2}${END}` },
  { id: 'new relic', keywords: ['nral'], regex: `${ALONE}[a-f0-9]{36}NRAL${END}` },
  { id: 'firebase', keywords: [':apa91b'], regex: '[A-Za-z0-9_-]{6,24}:(APA91b[A-Za-z0-9_-]{60,256})' },
  { id: 'telegram', keywords: [':aa'], regex: '(?<![0-9])[0-9]{8,10}:(AA[A-Za-z0-9_-]{30,36})' },
  {
    id: 'discord',
    keywords: [],
    regex: `(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}(?![\\w-])`,
  },
  {
    // Whoever issues it: `acme_live_...`, `xy_pat_...`.
    id: 'any issuer',
    keywords: ['_live_', '_test_', '_prod_', '_sandbox_', '_pat_', '_sk_', '_secret_', '_token_', '_key_'],
    regex: `${ALONE}[a-z][a-z0-9]{1,15}_(?:live|test|prod|sandbox|pat|sk|secret|token|key)_((?=[A-Za-z]{0,63}[0-9])[A-Za-z0-9]{20,128})${END}`,
    entropy: 3.2,
  },
];

export const PROVIDER_RULES: readonly Rule[] = [
  ...BEGINNINGS.flatMap(([id, beginnings, rest]) =>
    beginnings.map((beginning) => ({
      id,
      keywords: [beginning.toLowerCase()],
      regex: `${ALONE}(${literal(beginning)}${rest})`,
      begins: true,
    })),
  ),
  ...MARKED,
];
