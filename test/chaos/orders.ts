import { SEED_ASSETS } from '../../local/seed.ts'
import type { Random } from '../simulation/random.ts'

/** One thing that a client wants done, as it is sent. */
export interface Order {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What a game and its shop do all day, to few wallets, so that they meet. */
export interface Orders {
  readonly next: () => Order
  /** A hold that was made is there to be captured, or given back. */
  readonly held: (path: string, holdId: string) => void
}

const WALLETS = ['ann', 'ben', 'cleo', 'dan', 'eve'] as const
const [GOLD, GEMS] = [SEED_ASSETS[0].code, SEED_ASSETS[1].code]
const FIRST_AMOUNT = 100
/** Enough that somebody sometimes has too little. */
const MOST = 60

/** Every wallet has something before anybody wants it to pay. */
export const FIRST_ORDERS: readonly Order[] = WALLETS.flatMap((wallet) =>
  [GOLD, GEMS].map((asset) => ({
    path: `/v1/wallets/${wallet}/topup`,
    body: { asset, amount: FIRST_AMOUNT },
  })),
)

export function createOrders(random: Random): Orders {
  const holds: { readonly path: string; readonly holdId: string }[] = []
  const amount = () => random.between({ from: 1, to: MOST })
  const ofWallet = (verb: string, body: Order['body'], wallet = random.pick(WALLETS)): Order => ({
    path: `/v1/wallets/${wallet}/${verb}`,
    body,
  })
  const hold = () => ofWallet('holds', { asset: GOLD, amount: amount() })

  function transfer(): Order {
    const from = random.pick(WALLETS)
    const others = WALLETS.filter((wallet) => wallet !== from)
    const to = others[random.below(others.length)]
    return ofWallet('transfer', { asset: GOLD, amount: amount(), to }, from)
  }

  function overHold(verb: 'capture' | 'void'): Order {
    const open = holds.shift()
    return open ? { path: `${open.path}/${open.holdId}/${verb}`, body: {} } : hold()
  }

  return {
    next: () =>
      random.pick<() => Order>([
        () => ofWallet('topup', { asset: GOLD, amount: amount() }),
        () => ofWallet('topup', { asset: GOLD, amount: amount() }),
        () => ofWallet('spend', { asset: GOLD, amount: amount() }),
        () => ofWallet('spend', { asset: GOLD, amount: amount() }),
        transfer,
        transfer,
        () =>
          ofWallet('exchange', {
            from: { asset: GOLD, amount: amount() },
            to: { asset: GEMS, amount: amount() },
          }),
        hold,
        hold,
        () => overHold('capture'),
        () => overHold('void'),
      ])(),
    held: (path, holdId) => holds.push({ path, holdId }),
  }
}
