import type { TransactionType } from '../../lib/money/transaction.ts'
import type { Errand } from './errand.ts'
import type { World } from './world.ts'

/** What an errand does to one balance, if it is done. */
export interface Effect {
  readonly walletId: string
  readonly asset: string
  readonly available: number
  readonly held: number
}

export interface Asked {
  readonly path: string
  readonly body: object
}

export interface Kind {
  /** Its share, unless --mix says otherwise; 0 for what is done only where it is asked for. */
  readonly share: number
  readonly type: TransactionType
  /** What it needs to have happened before. */
  readonly about?: 'hold' | 'spend'
  /** Whether the books may say no: never, when there is too little, or always. */
  readonly declines: 'never' | 'when short' | 'always'
  /** `subject` is the hold or transaction that it is about. */
  readonly ask: (errand: Errand, world: World, subject: string) => Asked
  readonly effects: (errand: Errand, world: World) => readonly Effect[]
}

const GEMS_FOR_A_COIN = 3
const FEE = 1
/** Longer than any run, so that no hold ends by itself in the middle of it. */
const HOLD_SECONDS = 86_400

const walletOf = ({ wallet }: Errand, { wallets }: World) => wallets[wallet] ?? ''
const otherOf = ({ other }: Errand, { wallets }: World) => wallets[other] ?? ''
const referenceOf = ({ name }: Errand, { run }: World) => `monkey-${run}-${name}`

const ofCoins = (errand: Errand, world: World, available: number, held = 0): Effect => {
  return { walletId: walletOf(errand, world), asset: world.coins, available, held }
}

const verb = (path: string) => (errand: Errand, world: World) => ({
  path: `/v1/wallets/${walletOf(errand, world)}/${path}`,
  body: { asset: world.coins, amount: errand.amount, reference: referenceOf(errand, world) },
})

const verbIn = (path: string, type: TransactionType, share: number): Kind => ({
  ...{ share, type, declines: 'never', ask: verb(path) },
  effects: (errand, world) => [ofCoins(errand, world, errand.amount)],
})

const verbOut = (path: string, type: TransactionType, share: number): Kind => ({
  ...{ share, type, declines: 'when short', ask: verb(path) },
  effects: (errand, world) => [ofCoins(errand, world, -errand.amount)],
})

const ofHold = (errand: Errand, world: World, holdId: string, what: string) =>
  `/v1/wallets/${walletOf(errand, world)}/holds/${holdId}/${what}`

/** What the monkey can do. A new kind is a row here. */
export const KINDS = {
  spend: verbOut('spend', 'SPEND', 40),
  topup: verbIn('topup', 'TOPUP', 15),
  transfer: {
    share: 15,
    type: 'TRANSFER',
    declines: 'when short',
    ask(errand, world) {
      const { path, body } = verb('transfer')(errand, world)
      return { path, body: { ...body, to: otherOf(errand, world) } }
    },
    effects: (errand, world) => [
      ofCoins(errand, world, -errand.amount),
      { ...ofCoins(errand, world, errand.amount), walletId: otherOf(errand, world) },
    ],
  },
  hold: {
    share: 6,
    type: 'HOLD',
    declines: 'when short',
    ask: (errand, world) => ({
      path: `/v1/wallets/${walletOf(errand, world)}/holds`,
      body: { asset: world.coins, amount: errand.amount, expiresInSeconds: HOLD_SECONDS },
    }),
    effects: (errand, world) => [ofCoins(errand, world, -errand.amount, errand.amount)],
  },
  capture: {
    share: 4,
    type: 'CAPTURE',
    about: 'hold',
    declines: 'never',
    ask: (errand, world, holdId) => ({
      path: ofHold(errand, world, holdId, 'capture'),
      body: { amount: errand.amount },
    }),
    effects: (errand, world) => [ofCoins(errand, world, 0, -errand.amount)],
  },
  void: {
    share: 2,
    type: 'VOID',
    about: 'hold',
    declines: 'never',
    ask: (errand, world, holdId) => ({ path: ofHold(errand, world, holdId, 'void'), body: {} }),
    effects: (errand, world) => [ofCoins(errand, world, errand.amount, -errand.amount)],
  },
  reverse: {
    share: 3,
    type: 'REVERSE',
    about: 'spend',
    declines: 'never',
    ask: (_errand, _world, transactionId) => ({
      path: `/v1/transactions/${transactionId}/reverse`,
      body: {},
    }),
    effects: (errand, world) => [ofCoins(errand, world, errand.amount)],
  },
  exchange: {
    share: 4,
    type: 'EXCHANGE',
    declines: 'when short',
    ask: (errand, world) => ({
      path: `/v1/wallets/${walletOf(errand, world)}/exchange`,
      body: {
        from: { asset: world.coins, amount: errand.amount },
        to: { asset: world.gems, amount: errand.amount * GEMS_FOR_A_COIN },
        reference: referenceOf(errand, world),
      },
    }),
    effects: (errand, world) => [
      ofCoins(errand, world, -errand.amount),
      { ...ofCoins(errand, world, errand.amount * GEMS_FOR_A_COIN), asset: world.gems },
    ],
  },
  trade: {
    share: 4,
    type: 'POST',
    declines: 'when short',
    ask(errand, world) {
      const [from, to, asset] = [walletOf(errand, world), otherOf(errand, world), world.coins]
      return {
        path: '/v1/transactions',
        body: {
          postings: [
            { from, to, asset, amount: errand.amount },
            { from, to: '@market-fees', asset, amount: FEE },
          ],
          reference: referenceOf(errand, world),
        },
      }
    },
    effects: (errand, world) => [
      ofCoins(errand, world, -errand.amount - FEE),
      { ...ofCoins(errand, world, errand.amount), walletId: otherOf(errand, world) },
    ],
  },
  bonus: verbIn('bonus', 'BONUS', 2),
  overdraft: { ...verbOut('spend', 'SPEND', 5), declines: 'always' },
  deposit: verbIn('deposit', 'DEPOSIT', 0),
  withdraw: verbOut('withdraw', 'WITHDRAW', 0),
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof KINDS

export const KIND_NAMES = Object.keys(KINDS).filter(isKind)

export function isKind(name: string): name is KindName {
  return Object.hasOwn(KINDS, name)
}

export function kindOf({ kind }: Pick<Errand, 'kind'>): Kind {
  return KINDS[kind]
}

/** What an errand takes out of a balance, if it takes anything: of each kind, that is at most one. */
export function debitOf(errand: Errand, world: World): Effect | undefined {
  return kindOf(errand)
    .effects(errand, world)
    .find(({ available }) => available < 0)
}
