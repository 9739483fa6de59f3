import { findViolations } from '../../lib/audit/invariants.ts'
import type { Stack } from '../../local/stack.ts'
import type { Reply } from './api.ts'
import { readContents, scanItems } from './ledger.ts'

/** What a service has written down, as far as the tests can look. */
export interface Books {
  /** All of it, to be compared: by who says that nothing changed. */
  readonly read: () => Promise<unknown>
  /** What must never be, and how many entries were looked at. */
  readonly check: () => Promise<{ readonly entries: number; readonly faults: readonly unknown[] }>
}

/** Whoever stands inside sees the whole table, item by item. */
export function booksInside({ dynamoDb, tableName }: Stack): Books {
  return {
    read: () => scanItems(dynamoDb.client, tableName),
    async check() {
      const contents = await readContents(dynamoDb.client, tableName)
      return { entries: contents.entries.length, faults: findViolations(contents) }
    },
  }
}

type Get = (path: string) => Promise<Reply>

/** As many as can be verified in a few seconds where that is rationed. */
const MOST_VERIFIED = 25
const ASSET = 'GOLD_COINS'

/** Whoever stands outside sees what the API shows of the wallets that they have named. */
export function booksOutside(
  get: Get,
  wallets: { readonly ofTest: () => readonly string[]; readonly ofFile: () => readonly string[] },
): Books {
  return {
    async read() {
      const all = await Promise.all(wallets.ofTest().map((wallet) => readWallet(get, wallet)))
      // A name that nobody has is not in the books; whoever gives it to somebody changes them.
      return all.filter((wallet) => wallet !== undefined)
    },
    async check() {
      const verified = await Promise.all(
        wallets
          .ofFile()
          .slice(-MOST_VERIFIED)
          .map((wallet) => verifyWallet(get, wallet)),
      )
      return {
        entries: verified.reduce((sum, { entries }) => sum + entries, 0),
        faults: verified.flatMap(({ fault }) => fault ?? []),
      }
    },
  }
}

const NOT_FOUND = 404

/** Every movement gives a balance another version, so a wallet and its balances say whether there was one. */
async function readWallet(get: Get, wallet: string): Promise<string | undefined> {
  const { status, text } = await get(`/v1/wallets/${wallet}?consistent=true`)
  return status === NOT_FOUND ? undefined : text
}

async function verifyWallet(get: Get, wallet: string) {
  const { status, body, text } = await get(`/v1/wallets/${wallet}/ledger/verify?asset=${ASSET}`)
  // A name that was made up for a wallet that must not come to life.
  if (status === NOT_FOUND) return { entries: 0, fault: undefined }
  return { entries: Number(body['entries']), fault: body['ok'] === true ? undefined : text }
}
