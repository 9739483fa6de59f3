import type { Mutant } from './mutant.ts'

/** A mutant that the simulator does not reach. */
export interface TestedMutant extends Mutant {
  /** The files in which at least one test has to fail. */
  readonly tests: readonly string[]
}

type Row = readonly [name: string, find: string, replace: string]

function mutantsOf(file: string, tests: readonly string[], rows: readonly Row[]): TestedMutant[] {
  return rows.map(([name, find, replace]) => ({ name, changes: [{ file, find, replace }], tests }))
}

export const TESTED_MUTANTS: readonly TestedMutant[] = [
  ...mutantsOf(
    'lib/money/hold.ts',
    ['lib/money/hold.test.ts'],
    [
      [
        'a hold is still open at exactly the time at which it expires',
        'nowMs >= expiresAt',
        'nowMs > expiresAt',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/money/chain.ts',
    ['lib/money/chain.test.ts'],
    [
      [
        'an entry may be older than the one before it',
        "  if (entry.at < last.at) return 'the entry is older than the one before it'\n",
        '',
      ],
      [
        'the time of a balance is not compared with its chain',
        "  if (balance.at !== last.at) return 'the balance has another time'\n",
        '',
      ],
      [
        'held amounts need not add up',
        'entry.held === last.held + entry.heldDelta',
        'entry.held >= 0',
      ],
      ['the hash of an entry does not cover its reference', 'entry.reference ?? null,', 'null,'],
      ['the hash of an entry does not cover its type', '    entry.type,\n', "    '',\n"],
    ],
  ),
  ...mutantsOf(
    'lib/money/transaction.ts',
    ['lib/money/transaction.test.ts'],
    [
      [
        'metadata keeps the order in which it came',
        '.sort(([a], [b]) => (a < b ? -1 : 1)))\n}\n\n/** One row',
        ')\n}\n\n/** One row',
      ],
      ['transaction ids have 64 bits', 'const ID_BITS = 126n', 'const ID_BITS = 64n'],
    ],
  ),
  ...mutantsOf(
    'lib/money/amount.ts',
    ['lib/money/amount.test.ts'],
    [
      [
        'sums of amounts are rounded to doubles',
        'const sum = values.reduce((total, value) => total + BigInt(value), 0n)',
        'const sum = BigInt(values.reduce((total, value) => total + value, 0))',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/operations/reverse.ts',
    ['lib/ledger/operations/reverse.test.ts'],
    [['a reversal can be reversed', "'EXPIRE', 'REVERSE'])", "'EXPIRE'])"]],
  ),
  ...mutantsOf(
    'lib/ledger/operations/reverse.ts',
    ['test/integration/post.test.ts'],
    [['every reversal may create a debt', 'allowOverdraft: allowDebt', 'allowOverdraft: true']],
  ),
  ...mutantsOf(
    'lib/ledger/operations/capture.ts',
    ['test/integration/post.test.ts'],
    [
      [
        'an expired hold can be captured',
        "    if (isExpired(hold, nowMs)) return declined({ code: 'HOLD_EXPIRED', holdId })\n",
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/operations/release.ts',
    ['lib/ledger/operations/release.test.ts'],
    [
      [
        'a hold expires before its time',
        "if (type === 'EXPIRE' && !isExpired(hold, nowMs)) {",
        'if (hold.remaining < 0) {',
      ],
      [
        'an expired hold can be voided',
        "    if (type === 'VOID' && isExpired(hold, nowMs)) return declined({ code: 'HOLD_EXPIRED', holdId })\n",
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/decide.ts',
    ['lib/ledger/decide.test.ts'],
    [
      [
        'a wallet can have more balances than one transaction can freeze',
        'after.balanceCount > MAX_BALANCES',
        'after.balanceCount > 10 * MAX_BALANCES',
      ],
      [
        'a closed wallet accepts credits',
        "  if (before.status === 'CLOSED') return { code: 'WALLET_CLOSED', walletId }\n",
        '',
      ],
      [
        'new wallets do not count towards the size of a transaction',
        'const others = wallets.length + ',
        'const others = ',
      ],
      [
        'an asset need not be registered',
        "    if (!state.assets.has(asset)) return { code: 'ASSET_NOT_FOUND', asset }\n",
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/decide.ts',
    ['test/integration/post.test.ts'],
    [
      [
        'a balance can hold more than it could take back',
        'const fitsTogether = isHoldable && exactSum([available, held]) !== undefined',
        'const fitsTogether = isHoldable',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/retry.ts',
    ['lib/ledger/retry.test.ts'],
    [['an attempt begins after its deadline', 'if (startedAt >= deadline) return undefined', '']],
  ),
  ...mutantsOf(
    'lib/ledger/keyed-mutex.ts',
    ['lib/ledger/keyed-mutex.test.ts'],
    [
      [
        'a queue is forgotten while requests wait in it',
        'if (latest.get(key) === done.promise) latest.delete(key)',
        'latest.delete(key)',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/history.ts',
    ['test/simulation/history.test.ts'],
    [
      [
        'a page omits what another asset has at the time of the cursor',
        'oldest: { at: isShown ? at + 1 : at, seq: 0 }',
        'oldest: { at: at + 1, seq: 0 }',
      ],
      [
        'a history of several assets is read from replicas that are behind',
        'query.consistent || assets.length > 1',
        'query.consistent',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/history.ts',
    ['lib/ledger/history.test.ts'],
    [
      [
        'a page shows entries beyond the point that another asset has reached',
        'const shown = stop ? merged.filter((entry) => compare(entry, stop) <= 0) : merged',
        'const shown = merged',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/history.ts',
    ['test/integration/history.test.ts'],
    [['the end of a time range is inside', 'Math.min(to - 1, MAX_AT)', 'Math.min(to, MAX_AT)']],
  ),
  ...mutantsOf(
    'lib/ledger/verify.ts',
    ['test/simulation/history.test.ts'],
    [['a late first entry is reported as missing', 'below: last.seq,', 'below: undefined,']],
  ),
  ...mutantsOf(
    'lib/ledger/verify.ts',
    ['lib/ledger/verify.test.ts'],
    [
      [
        'a balance is not compared with its verified chain',
        'const firstBreak = findBalanceBreak(balance, last)',
        'const firstBreak = undefined',
      ],
      [
        'a long chain is reported as broken when the time is up',
        "if (effects.now() >= deadline) return { kind: 'too-long', entries: balance.seq }",
        'if (effects.now() >= deadline) break',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/sweep.ts',
    ['test/integration/sweep.test.ts'],
    [
      [
        'the sweeper reads only the first page of a shard',
        'if (!after) return',
        'if (after || !after) return',
      ],
      [
        'the sweeper omits a shard',
        'Array.from({ length: EXPIRY_SHARDS },',
        'Array.from({ length: EXPIRY_SHARDS - 1 },',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/wallet-status.ts',
    ['test/integration/wallet-status.test.ts'],
    [
      [
        'a wallet with held money can be closed',
        'available === 0 && held === 0',
        'available === 0',
      ],
      [
        'a closed wallet can be opened again',
        "  if (wallet.status === 'CLOSED') return { kind: 'refused', code: 'WALLET_CLOSED' }\n",
        '',
      ],
      [
        'a flag that is delivered twice freezes a wallet again',
        "if (isKnown) return { kind: 'superseded' }",
        '',
      ],
      [
        'a late flag undoes a decision of an operator',
        "if (changedAt !== undefined && changedAt >= happenedAt) return { kind: 'superseded' }",
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/answer-recorded.ts',
    ['test/integration/post.test.ts'],
    [
      [
        'a first answer is marked as a replay',
        'replayed: transaction.requestId !== requestId',
        'replayed: true',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/command.ts',
    ['lib/ledger/command.test.ts'],
    [
      [
        'the order of JSON members changes the fingerprint',
        '.sort(([a], [b]) => (a < b ? -1 : 1))\n  if',
        '\n  if',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/post.ts',
    ['test/simulation/answers.test.ts'],
    [
      [
        'an unknown outcome is forgotten when a decline follows',
        'return isTransient && pending.outcomeUnknown',
        'return isTransient && false',
      ],
      [
        'a commit in doubt is not remembered',
        'if (isInDoubt(outcome)) pending.outcomeUnknown = true',
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/settled.ts',
    ['test/simulation/reads.test.ts'],
    [
      [
        'an answer is settled as soon as its time is over',
        'return nowMs - atMs > SETTLES_AFTER_MS',
        'return nowMs > atMs',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ledger/wallet-metadata.ts',
    ['test/simulation/answers.test.ts'],
    [
      [
        'metadata that is retried replaces what is newer',
        "return wallet && isOverwritten ? { kind: 'done', wallet, balances } : undefined",
        'return undefined',
      ],
      [
        'a write in doubt is made again, or answered as not written',
        "  if (outcomeUnknown && version !== first) return { kind: 'busy' }\n",
        '',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/client.ts',
    ['lib/store/client.test.ts'],
    [
      [
        'a request that is never answered does not time out',
        'throwOnRequestTimeout: true',
        'throwOnRequestTimeout: false',
      ],
      ['the SDK sends a request five times', 'const MAX_ATTEMPTS = 2', 'const MAX_ATTEMPTS = 5'],
    ],
  ),
  ...mutantsOf(
    'lib/store/failures.ts',
    ['lib/store/failures.test.ts'],
    [
      [
        'a request in progress counts as refused',
        ' || error.name === IN_PROGRESS) return false',
        ') return false',
      ],
      ['a timeout counts as a bug', "error.name === 'TimeoutError' ||", ''],
      [
        'a broken connection counts as a bug',
        "'code' in error && typeof error.code === 'string'",
        'false',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/ledger-store.ts',
    ['test/simulation/pages.test.ts'],
    [
      [
        'a query reads only its first page',
        'if (!LastEvaluatedKey) return items\n      start',
        'if (LastEvaluatedKey || !LastEvaluatedKey) return items\n      start',
      ],
      [
        'a scan reads only its first page',
        'yield Items.map((item) => fromAttributes(item))\n        start = LastEvaluatedKey',
        'yield Items.map((item) => fromAttributes(item))\n        start = undefined',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/ledger-store.ts',
    ['test/integration/store.test.ts'],
    [
      [
        'the scale of an asset can change',
        "const keepsScale = '#scale = :scale'",
        "const keepsScale = '(#scale = :scale OR attribute_exists(pk))'",
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/ledger-store.ts',
    ['test/simulation/answers.test.ts'],
    [
      [
        'a refusal of the second attempt leaves no doubt about the first',
        'isSentAgain(error) ? { mayStillCommit: true } : {}',
        '{}',
      ],
      [
        'a refusal of the second attempt is final',
        'if (isRefusal(error) && !isSentAgain(error)) throw error',
        'if (isRefusal(error)) throw error',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/commit.ts',
    ['test/integration/store.test.ts'],
    [
      [
        'a late change of status is committed',
        "isAlso: '#statusChanges = :readChanges',",
        "isAlso: '(#statusChanges = :readChanges OR attribute_exists(pk))',",
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/commit.ts',
    ['lib/store/commit.test.ts'],
    [
      [
        'an item that is gone counts as a conflict',
        '  if (items.length < failed.length) return undefined\n',
        '',
      ],
      [
        'a state is believed while its record is being written',
        "return record?.Code === CONFLICT && outcome?.kind === 'stale' ? { kind: 'contended' } : outcome",
        'return outcome',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/items.ts',
    ['lib/store/items.test.ts'],
    [
      [
        'an ended hold stays in the expiry index',
        "expiryShard: hold.state === 'OPEN' ? expiryShard(hold.id) : undefined",
        'expiryShard: expiryShard(hold.id)',
      ],
      ['an item of a newer version is read', 'shape >= 1 && shape <= SHAPE', 'shape >= 1'],
    ],
  ),
  ...mutantsOf(
    'lib/store/keys.ts',
    ['lib/store/keys.test.ts'],
    [
      [
        'numbers in keys do not sort',
        "String(value).padStart(width, '0')",
        "String(value).padStart(1, '0')\n  if (width) return written",
      ],
    ],
  ),
  ...mutantsOf(
    'lib/store/attributes.ts',
    ['lib/store/attributes.test.ts'],
    [
      [
        'a number beyond 2^53 is rounded when it is read',
        'return String(number) === digits ? number : digits',
        'return number',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/supply.ts',
    ['lib/audit/supply.test.ts'],
    [
      [
        'the amount in transit has the wrong sign',
        'inTransit: -sum(others',
        'inTransit: sum(others',
      ],
      [
        'held amounts are missing from the supply',
        '    held: BigInt(entry.heldDelta),\n    inTransit',
        '    held: 0n,\n    inTransit',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/audit-records.ts',
    ['test/simulation/projector.test.ts'],
    [
      [
        'the stream is not projected into a rebuild',
        'if (building !== undefined) await keepUp',
        'if (building === -1) await keepUp',
      ],
      [
        'records after a failed one are skipped',
        'return together(audited, comeAgain(records.slice(index + 1)))',
        'return audited',
      ],
      [
        'progress is recorded for a failed batch',
        'if (audited.failed.length === 0) {',
        'if (records.length > 0) {',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/projector.ts',
    ['test/simulation/projector.test.ts'],
    [
      [
        'the size of a projection step ignores its postings',
        'items += 2 * entry.postings.length + rules + 1',
        'items += 1',
      ],
      [
        'events are published after the projection is committed',
        'await tell(step, entries)\n    if (await table.commitStep(generation, from, step)) projected += entries.length',
        'if (await table.commitStep(generation, from, step)) {\n      projected += entries.length\n      await tell(step, entries)\n    }',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/invariants.ts',
    ['lib/audit/invariants.test.ts'],
    [
      ['verify does not add up reversals', '    ...wrongReversals(contents),\n', ''],
      ['verify overlooks incomplete transactions', '    ...halfTransactions(contents),\n', ''],
      [
        'verify overlooks balances that their wallet does not count',
        '    ...uncountedBalances(contents),\n',
        '',
      ],
      ['verify overlooks held amounts that no hold explains', '    ...wrongHolds(contents),\n', ''],
      [
        'verify overlooks holds that no transaction explains',
        '    ...unexplainedHolds(contents),\n',
        '',
      ],
      [
        'verify overlooks balances with another status than their wallet',
        '    ...wrongStatuses(contents),\n',
        '',
      ],
      ['verify overlooks balances below zero', '    ...debts(contents),\n', ''],
      ['verify overlooks broken chains', '    ...brokenChains(contents),\n', ''],
      [
        'verify overlooks assets that do not sum to zero',
        '    ...unbalancedAssets(contents),\n',
        '',
      ],
      ['verify overlooks money in a closed wallet', '    ...closedWithMoney(contents),\n', ''],
    ],
  ),
  ...mutantsOf(
    'lib/audit/totals.ts',
    ['lib/audit/totals.test.ts'],
    [
      [
        'statistics do not count what went out',
        'out: moved < 0n ? went - moved : went',
        'out: went',
      ],
      [
        'statistics subtract releases of holds',
        'shifted + (held < 0n ? -held : held)',
        'shifted + held',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/unexplained.ts',
    ['lib/audit/unexplained.test.ts'],
    [
      [
        'a change of status may change the amount',
        'if (balance.seq === known.seq) return findBalanceBreak(balance, known)?.reason',
        'if (balance.seq === known.seq) return undefined',
      ],
      [
        'a deleted balance is not flagged',
        "if (!after) return 'the balance was deleted'",
        'if (!after) return undefined',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/audit-records.ts',
    ['test/integration/audit.test.ts'],
    [
      [
        'a record whose entry is not visible yet is parked',
        'now() - changedAt(record) < ARRIVES_WITHIN_MS',
        'now() - changedAt(record) < 0',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/rebuild.ts',
    ['test/simulation/projector.test.ts'],
    [
      [
        'a rebuild does not catch up with the stream',
        'if (!old || old.seq <= upTo) return entries',
        'if (entries >= 0) return entries',
      ],
      [
        'a rebuild keeps the old projections',
        '(generationOf(String(pk)) ?? current) < current)',
        '(generationOf(String(pk)) ?? current) < 0)',
      ],
      [
        'a rebuild removes the new projections',
        '(generationOf(String(pk)) ?? current) < current)',
        '(generationOf(String(pk)) ?? current + 1) <= current)',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/projector.ts',
    ['test/simulation/history.test.ts'],
    [
      [
        'a missing entry is no error',
        'if (upTo === MAX_SEQ) return projected',
        'if (upTo <= MAX_SEQ) return projected',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/table/audit-table.ts',
    ['test/simulation/projector.test.ts'],
    [
      [
        'a second acknowledgement replaces the first',
        'acknowledgedBy = if_not_exists(acknowledgedBy, :by)',
        'acknowledgedBy = :by',
      ],
      [
        'progress goes back',
        "'attribute_not_exists(changedAt) OR changedAt <= :changedAt'",
        "'attribute_not_exists(changedAt) OR attribute_exists(changedAt)'",
      ],
      [
        'two rebuilds run at once',
        "'attribute_not_exists(#building) AND (attribute_not_exists(#current) OR #current = :wasCurrent)'",
        "'attribute_not_exists(#current) OR #current = :wasCurrent'",
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/rules/large-withdrawal.ts',
    ['lib/audit/rules/rules.test.ts'],
    [
      [
        'a withdrawal of exactly the limit is not large',
        'withdrawn(entry) >= amount',
        'withdrawn(entry) > amount',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/rules/rapid-withdrawals.ts',
    ['lib/audit/rules/rules.test.ts'],
    [
      [
        'the window of a rule excludes its end',
        'at - past.at <= withinMs',
        'at - past.at < withinMs',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/publish-to-eventbridge.ts',
    ['lib/audit/publish-to-eventbridge.test.ts'],
    [
      [
        'events that EventBridge rejected count as sent',
        'left = left.filter((_, index) => Entries[index]?.EventId === undefined)',
        'left = []',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/audit/statement.ts',
    ['lib/audit/statement.test.ts'],
    [['a page of a statement repeats the last line', '{after}!`, newest }', '{after}`, newest }']],
  ),
  ...mutantsOf(
    'lib/audit/books.ts',
    ['test/simulation/reads.test.ts'],
    [
      [
        'a supply that is seen in parts is returned',
        'isWhole: after.current === current && shards.every((shard) => imbalance(shard) === 0n)',
        'isWhole: after.current === current',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/http/auth/api-keys.ts',
    ['lib/http/auth/signature.test.ts'],
    [
      [
        'an idempotency key belongs to the key and not to its owner',
        'return owner ?? id',
        'return id || String(owner)',
      ],
    ],
  ),
  ...mutantsOf(
    'functions/read/handler.ts',
    ['test/e2e/reads.test.ts'],
    [
      [
        'a history that ends now is settled',
        'const settled = to !== undefined && isSettled(to - 1, effects.now())',
        'const settled = to !== undefined && isSettled(to - 1, effects.now() + 1e9)',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/http/auth/signature.ts',
    ['lib/http/auth/signature.test.ts'],
    [
      [
        'an If-Match need not be signed',
        "    ...(headers['if-match'] === undefined ? [] : ['if-match' as const]),\n",
        '',
      ],
    ],
  ),
]
