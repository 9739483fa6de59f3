import type { Mutant } from './mutant.ts'

/**
 * Mistakes that somebody could make. Each is planted into the code as it is, and the simulator has to find it: what it
 * does not find, it does not prove.
 *
 * Of some rules the ledger has two, so that no mistake alone loses money; there, both are taken away.
 */

const COMMIT = 'lib/store/commit.ts'
const STORE = 'lib/store/ledger-store.ts'
const POST = 'lib/ledger/post.ts'
const DECIDE = 'lib/ledger/decide.ts'
const STATUS = 'lib/ledger/wallet-status.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'money is spent that is not there: the floor is gone from the plan and from the condition',
    changes: [
      {
        file: DECIDE,
        find: 'if (availableDelta >= 0 || available >= 0 || allowOverdraft) return undefined',
        replace: 'if (available < 1e9 || allowOverdraft) return undefined',
      },
      {
        file: DECIDE,
        find: "invariant(availableDelta >= 0 || available >= 0 || allowOverdraft, 'a debit leaves zero or more')",
        replace: '',
      },
      {
        file: COMMIT,
        find: "debit > 0 && !allowOverdraft ? '#available >= :debit' : undefined",
        replace: 'undefined as string | undefined',
      },
    ],
  },
  {
    name: 'a balance is written whatever became of it since it was read',
    changes: [
      {
        file: COMMIT,
        find: "'#seq = :readSeq AND #head = :readHead AND #status = :readStatus'",
        replace:
          "'(#seq = :readSeq OR #head = :readHead OR attribute_exists(pk)) AND #status = :readStatus'",
      },
    ],
  },
  {
    name: 'a new balance is written over one that somebody else opened',
    changes: [
      {
        file: COMMIT,
        find: "? 'attribute_not_exists(pk)'\n    : '#seq",
        replace: "? '(attribute_not_exists(pk) OR attribute_exists(pk))'\n    : '#seq",
      },
    ],
  },
  {
    name: 'a frozen wallet is debited by who read it before it was frozen',
    changes: [
      {
        file: COMMIT,
        find: "AND #status = :readStatus'\n  const debit",
        replace: "AND (#status = :readStatus OR attribute_exists(pk))'\n  const debit",
      },
    ],
  },
  {
    name: 'the record does not have to be new',
    changes: [
      {
        file: COMMIT,
        find: 'putNew(tableName, transactionItem(transaction)),',
        replace: `{ Put: { TableName: tableName, Item: toAttributes(transactionItem(transaction)) } },`,
      },
    ],
  },
  {
    name: 'funds are looked at before the record is: a retry is told that it cannot pay',
    changes: [
      {
        file: POST,
        find: 'const result = await confirmDecline(ledger, request, state)',
        replace: 'const result = decision as PostResult | Conflict<LedgerState>',
      },
    ],
  },
  {
    name: 'after a conflict, it is tried again under another key',
    changes: [
      {
        file: POST,
        find: 'attempt: (state) => attempt(ledger, request, state, pending),',
        replace: `attempt: ((attempts) => (state: LedgerState) => {
        attempts += 1
        const idempotencyKey = attempts > 1 ? origin.idempotencyKey + attempts : origin.idempotencyKey
        return attempt(ledger, prepare(command, { ...origin, idempotencyKey }), state, pending)
      })(0),`,
      },
    ],
  },
  {
    name: 'a lost answer is taken for a yes',
    changes: [
      {
        file: POST,
        find: "return recorded ? answerRecorded(ledger, recorded, request) : { kind: 'conflict' }",
        replace: "return { kind: 'posted', transaction: planned.transaction, replayed: false }",
      },
    ],
  },
  {
    name: 'a retry is answered with what it would have done, not with what was done',
    changes: [
      {
        file: POST,
        find: 'return answerRecorded(ledger, outcome.transaction, request)',
        replace: "return { kind: 'posted', transaction: planned.transaction, replayed: true }",
      },
    ],
  },
  {
    name: 'a key that was used for something else is answered with that',
    changes: [
      {
        file: 'lib/ledger/answer-recorded.ts',
        find: 'if (transaction.fingerprint !== fingerprint) {',
        replace: 'if (transaction.fingerprint === fingerprint.toUpperCase() + fingerprint) {',
      },
    ],
  },
  {
    name: 'a record is answered from before the rest of its transaction can be seen',
    changes: [
      {
        file: 'lib/ledger/answer-recorded.ts',
        find: 'if (isYoung && ',
        replace: 'if (isYoung && VISIBLE_AFTER_MS === 0 && ',
      },
    ],
  },
  {
    name: 'the key alone names a transaction, whoever the client is',
    changes: [
      {
        file: 'lib/money/transaction.ts',
        find: 'JSON.stringify([client, idempotencyKey])',
        replace: 'JSON.stringify([client.length > 4 ? client : "", idempotencyKey])',
      },
    ],
  },
  {
    name: 'time goes backwards with the clock of who writes',
    changes: [
      {
        file: DECIDE,
        find: 'const at = Math.max(nowMs, ...steps.map(({ before }) => before.at))',
        replace: 'const at = nowMs',
      },
    ],
  },
  {
    name: 'a hold is captured or released again, whatever its state is',
    changes: [
      {
        file: COMMIT,
        find: "'#state = :open AND #remaining = :readRemaining'",
        replace: "'(#state = :open AND #remaining = :readRemaining) OR attribute_exists(pk)'",
      },
    ],
  },
  {
    name: 'what a reversal takes back is not counted while another one takes it',
    changes: [
      {
        file: COMMIT,
        find: "'SET #x = :reversed',\n      ConditionExpression: `attribute_exists(pk) AND",
        replace: "'SET #x = :reversed',\n      ConditionExpression: `attribute_exists(pk) OR",
      },
    ],
  },
  {
    name: 'a reversal takes back more than there was',
    changes: [
      {
        file: 'lib/ledger/operations/reverse.ts',
        find: 'const reversible = first.amount - original.reversed',
        replace: 'const reversible = first.amount',
      },
    ],
  },
  {
    name: 'a capture does not look at what remains',
    changes: [
      {
        file: 'lib/ledger/operations/capture.ts',
        find: 'if (taken > remaining) {',
        replace: 'if (taken > hold.amount) {',
      },
      {
        file: 'lib/ledger/operations/capture.ts',
        find: 'const left = remaining - taken',
        replace: 'const left = Math.max(0, remaining - taken)',
      },
    ],
  },
  {
    name: 'a release gives back the whole hold, and not what remains of it',
    changes: [
      {
        file: 'lib/ledger/operations/release.ts',
        find: 'delta: -hold.remaining',
        replace: 'delta: -hold.amount',
      },
    ],
  },
  {
    name: 'the chain of hashes begins anew with each entry',
    changes: [
      { file: DECIDE, find: 'prevHash: before.head,', replace: 'prevHash: "0".repeat(64),' },
    ],
  },
  {
    name: 'a wallet that two open at once counts one of its balances',
    changes: [
      {
        file: COMMIT,
        find: ': putNew(tableName, walletItem(after))',
        replace: ': { Put: { TableName: tableName, Item: toAttributes(walletItem(after)) } }',
      },
    ],
  },
  {
    name: 'a wallet is frozen, and its balances are not',
    changes: [
      {
        file: COMMIT,
        find: '...balances.map((balance) => ({\n      Update',
        replace: '...balances.slice(1).map((balance) => ({\n      Update',
      },
    ],
  },
  {
    name: 'a freeze that was lost is told to be done',
    changes: [
      {
        file: STATUS,
        find: "if (outcome.kind === 'committed') return done(after, balances)",
        replace: "if (outcome.kind !== 'stale') return done(after, balances)",
      },
    ],
  },
  {
    name: 'a wallet is closed while money comes in',
    changes: [
      {
        file: COMMIT,
        find: "isClosing ? '#status = :read AND #seq = :seq' :",
        replace: "isClosing ? '#status = :read AND (#seq = :seq OR attribute_exists(pk))' :",
      },
    ],
  },
  {
    name: 'money that passes through a frozen wallet does not count as a debit',
    changes: [
      {
        file: DECIDE,
        find: 'heldDelta > 0 || postings.some(({ amount }) => amount < 0)',
        replace: 'heldDelta > 0 || postings.reduce((sum, { amount }) => sum + amount, 0) < 0',
      },
    ],
  },
  {
    name: 'a freeze stops the capture of a hold that was made before',
    changes: [
      {
        file: 'lib/ledger/operations/capture.ts',
        find: 'allowFrozen: true',
        replace: 'allowFrozen: false',
      },
    ],
  },
  {
    name: 'a freeze stops a chargeback',
    changes: [
      {
        file: 'lib/ledger/operations/reverse.ts',
        find: 'allowFrozen: true',
        replace: 'allowFrozen: false',
      },
    ],
  },
  {
    name: 'a wallet is read balance by balance, also where one moment was asked for',
    changes: [
      {
        file: 'lib/ledger/find-wallet.ts',
        find: 'if (!consistent) return store.readWallet(id, false)',
        replace: 'if (!consistent || consistent) return store.readWallet(id, consistent)',
      },
    ],
  },
  {
    name: 'a balance of the past is said to be settled though nothing follows it',
    changes: [
      {
        file: 'lib/ledger/find-balance.ts',
        find: 'settled: next !== undefined',
        replace: 'settled: true',
      },
    ],
  },
  {
    name: 'metadata is written over whatever there is',
    changes: [
      {
        file: COMMIT,
        find: '...setMetadata(item, read),\n      ConditionExpression: `attribute_exists(pk) AND',
        replace: '...setMetadata(item, read),\n      ConditionExpression: `attribute_exists(pk) OR',
      },
    ],
  },
  {
    name: 'an entry that stands where a new one should is a mistake, also while its balance is written',
    changes: [
      {
        file: COMMIT,
        find: "if (moved.length === 0) return reasons.some(isInTheWay) ? { kind: 'contended' } : undefined",
        replace: 'if (moved.length === 0) return undefined',
      },
    ],
  },
  {
    name: 'the balance that a client reads may be an old one',
    changes: [
      {
        file: STORE,
        find: 'getItem(balanceKey(walletId, asset), consistent)',
        replace: 'getItem(balanceKey(walletId, asset), false && consistent)',
      },
    ],
  },
  {
    name: 'a cursor leaves out the entry behind it',
    changes: [
      {
        file: 'lib/ledger/history.ts',
        find: 'oldest: { at, seq: seq + 1 }, below: seq }',
        replace: 'oldest: { at, seq: seq + 2 }, below: seq + 1 }',
      },
    ],
  },
  {
    name: 'a history is believed that shows a hole',
    changes: [
      {
        file: 'lib/ledger/whole-page.ts',
        find: 'return last === undefined ? undefined : last + 1',
        replace: 'return last === undefined || last > 0 ? undefined : last + 1',
      },
    ],
  },
  {
    name: 'the audit counts what it has counted already: no condition on its checkpoint',
    changes: [
      {
        file: 'lib/audit/table/audit-table.ts',
        find: "ConditionExpression: 'seq = :seq',",
        replace: "ConditionExpression: 'seq = :seq OR attribute_exists(pk)',",
      },
    ],
  },
  {
    name: 'the audit passes over what the stream has not brought',
    changes: [
      {
        file: 'lib/audit/projector.ts',
        find: 'const next = following(from, brought)',
        replace:
          'const next = brought.filter(({ seq }) => seq > from.seq).sort((a, b) => a.seq - b.seq)',
      },
    ],
  },
  {
    name: 'the audit says that it has what it could not read',
    changes: [
      {
        file: 'lib/audit/audit-records.ts',
        find: 'if (error instanceof StoreUnavailable) return comeAgain(records)\n  }',
        replace: 'if (error instanceof StoreUnavailable) return NOTHING\n  }',
      },
    ],
  },
]
