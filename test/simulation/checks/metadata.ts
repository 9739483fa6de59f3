import type { WalletId } from '../../../lib/money/account.ts'
import type { Wallet } from '../../../lib/money/wallet.ts'
import { explain, type Model, type Operation } from '../linearizability.ts'
import type { Log } from '../world/log.ts'
import type { Breach } from './breach.ts'

/** The metadata of a wallet: which version it is, and what it says. */
interface State {
  readonly version: number
  readonly text: string | undefined
}

interface MetadataOperation extends Operation<State> {
  readonly walletId: WalletId
}

const MODEL: Model<State> = {
  initial: { version: 0, text: undefined },
  keyOf: ({ version, text }) => `${version} ${text}`,
}

/**
 * One order of the writes explains every answer about a wallet's metadata, and its final state: an older write that
 * arrives late does not replace a newer one that was confirmed.
 */
export function findLostMetadata(log: Log, wallets: readonly Wallet[], endUs: number): Breach[] {
  const operations = [...writes(log), ...reads(log), ...finalReads(wallets, endUs)]
  return Array.from(
    Map.groupBy(operations, ({ walletId }) => walletId),
    ([walletId, ofWallet]) => disorderOf(walletId, ofWallet),
  ).flat()
}

function disorderOf(walletId: WalletId, operations: readonly MetadataOperation[]): Breach[] {
  const found = explain(MODEL, operations)
  if (found.kind === 'explained') return []
  const stuck = found.stuckBefore.slice(0, 5).map(({ name }) => name)
  const text = `${walletId}: ${found.kind} at version ${found.state.version}, "${found.state.text}"; next would be one of: ${stuck.join('; ')}`
  return [{ check: 'metadata', text, about: walletId }]
}

function writes({ metadata }: Log): MetadataOperation[] {
  return metadata.flatMap(({ number, action: { walletId, text }, fromUs, heard }) => {
    const { outcome, ifMatch } = heard?.result ?? {}
    if (outcome?.kind === 'precondition-failed') return []
    const write = {
      walletId,
      name: `step ${number} writes "${text}"`,
      invokedUs: fromUs,
      apply: ({ version }: State) => {
        const isMet = ifMatch === undefined || ifMatch === version
        return isMet ? { version: version + 1, text } : undefined
      },
    }
    if (!heard || outcome?.kind !== 'done') return [{ ...write, answeredUs: undefined }]
    if (outcome.wallet.metadata['text'] === text) return [{ ...write, answeredUs: heard.atUs }]
    // A newer request has overwritten it, whether or not it had been committed.
    const seen = readOf(walletId, outcome.wallet, `step ${number} sees`, fromUs, heard.atUs)
    return [{ ...write, answeredUs: undefined }, seen]
  })
}

function reads({ wallets }: Log): MetadataOperation[] {
  return wallets.flatMap(({ number, action: { walletId }, fromUs, heard }) =>
    heard
      ? [readOf(walletId, heard.result?.wallet, `step ${number} reads`, fromUs, heard.atUs)]
      : [],
  )
}

/** The final state, after every request has arrived. */
function finalReads(wallets: readonly Wallet[], endUs: number): MetadataOperation[] {
  return wallets.map((wallet) => readOf(wallet.id, wallet, 'the final state is', endUs, endUs + 1))
}

function readOf(
  walletId: WalletId,
  wallet: Wallet | undefined,
  what: string,
  invokedUs: number,
  answeredUs: number,
): MetadataOperation {
  const { metadataChanges: version = 0, metadata } = wallet ?? {}
  const text = metadata?.['text']
  return {
    walletId,
    name: `${what} version ${version}, "${text}"`,
    invokedUs,
    answeredUs,
    isRead: true,
    apply: (state) => (state.version === version && state.text === text ? state : undefined),
  }
}
