/** The files of test/e2e that run against any Strongbox, by its URL and its credentials alone. */
export const BY_URL: readonly string[] = [
  'audit',
  'bad-input',
  'callers',
  'docs-files',
  'docs-page',
  'examples',
  'holds',
  'money',
  'reads',
  'signed-requests',
  'verbs',
  'wallet-status',
]

/** The others, and what they need that no URL gives. */
export const NEED_THE_INSIDE: Readonly<Record<string, string>> = {
  access: 'makes tokens and keys that should not be good, and compares the whole ledger',
  'access-records': 'reads the access records where the embedded stack writes them',
  'bad-paths': 'writes paths and bodies that API Gateway may refuse or mend by itself',
  canary: 'calls the function itself, with settings and keys of its own',
  compression: 'API Gateway compresses, and LocalStack does not',
  cors: 'names origins that may call, which is a setting',
  'docs-page-details':
    'takes a browser long, and says nothing more about a URL than docs-page does',
  edge: 'meets the limits for one caller, which are a setting, with tokens that it makes',
  events: 'freezes by itself and has a receiver of webhooks, which are settings',
  fuzz: 'sends ten thousand requests, with dead letters among what it finds, and reads the whole ledger',
  'key-owners': 'makes keys for servers, and revokes one',
  keys: 'tries the command npm run keys, on secrets that it makes up',
  logs: 'reads the log of the functions',
  monkey:
    'tries the command npm run monkey, which goes by a URL itself, with something broken before it',
  players: 'makes tokens for a new player with each test, and keys for servers',
  'rate-limit': 'sets a limit that is soon met',
  signatures: 'hands signed bytes to the functions that no HTTP client lets through',
  smoke:
    'tries the command npm run smoke, which goes by a URL itself, with something broken before it',
  'smoke-rest': 'has a REST API in front, whose stage is signed, too',
  start: 'tries the command npm start',
  'start-elsewhere': 'tries the command npm start, with a DynamoDB Local that is there already',
  sweep: 'sweeps five times a second',
  watch: 'calls the function itself, on books that it spoils',
  webhooks: 'brings events to receivers that it starts, by queues that it starts',
}
