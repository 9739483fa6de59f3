import fc from 'fast-check'
import { type Draft, JSON_HEADERS } from './draft.ts'
import { OPERATIONS, type Operation, type Parameter } from './operations.ts'
import { fitting } from './values.ts'
import type { HoldName, World } from './world.ts'

/** Requests that the document allows. Not all of them can be carried out: money runs out, holds end. */
export function validDraft(world: World): fc.Arbitrary<Draft> {
  return fc.oneof(...OPERATIONS.map((operation) => validDraftOf(operation, world)))
}

export function validDraftOf(operation: Operation, world: World): fc.Arbitrary<Draft> {
  return fc.record({
    operation: fc.constant(operation),
    path: pathOf(operation, world),
    query: queryOf(operation, world),
    headers: headersOf(operation),
    body: operation.body ? fitting(operation.body, world) : fc.constant(undefined),
  })
}

/** A wallet for which this can succeed more than once. */
function walletsOf({ name }: Operation, { wallets, icyWallets, emptyWallets }: World) {
  if (name === 'freeze' || name === 'unfreeze') return icyWallets
  return name === 'close' ? emptyWallets : wallets
}

function pathOf(operation: Operation, world: World): fc.Arbitrary<Record<string, unknown>> {
  const names = operation.path.map(({ name }) => name)
  if (names.includes('holdId')) {
    // Of one wallet: a hold of somebody else is none.
    return fc.constantFrom<HoldName>(...world.holds).map((hold) => ({ ...hold }))
  }
  const values = operation.path.map((parameter) => {
    const isWallet = parameter.name === 'walletId'
    const arbitrary = isWallet
      ? fc.constantFrom(...walletsOf(operation, world))
      : parameterOf(parameter, world)
    return [parameter.name, arbitrary] as const
  })
  return fc.record(Object.fromEntries(values))
}

function queryOf(operation: Operation, world: World): fc.Arbitrary<Draft['query']> {
  // Nobody makes a cursor: one comes out of an answer.
  const known = operation.query.filter(({ name }) => name !== 'cursor')
  const pairs = known.map((parameter) =>
    parameterOf(parameter, world).map((value) => [[parameter.name, value] as const]),
  )
  const optional = pairs.map((pair, index) =>
    known[index]?.isRequired ? pair : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, pair),
  )
  return fc.tuple(...optional).map((all) => all.flat())
}

/** Where only the service knows what is there, the document shows one of it. */
function parameterOf({ schema, example }: Parameter, world: World): fc.Arbitrary<unknown> {
  const isNamed = schema.pointer.startsWith('/components/')
  const { type, pattern, enum: choices } = schema.value
  const isAnyText = type === 'string' && pattern === undefined && choices === undefined
  return !isNamed && isAnyText && example !== undefined
    ? fc.oneof({ weight: 4, arbitrary: fc.constant(example) }, fitting(schema, world))
    : fitting(schema, world)
}

/** A key that was used before belongs to another request as a rule: that is 422, or the same answer again. */
const USED_KEY = fc.nat({ max: 50 }).map((number) => `fuzz-often-${number}`)

let keys = 0

function newKey(): string {
  keys += 1
  return `fuzz-${keys}`
}

function headersOf({ needsKey, takesEtag, body }: Operation): fc.Arbitrary<Draft['headers']> {
  const key = fc.oneof({ weight: 19, arbitrary: fc.constant(undefined).map(newKey) }, USED_KEY)
  const etag = fc.constantFrom('*', '"none"', 'W/"weak", "other"')
  return fc.tuple(key, fc.option(etag, { freq: 2 })).map(([idempotencyKey, tag]) => ({
    ...(body && JSON_HEADERS),
    ...(needsKey && { 'idempotency-key': idempotencyKey }),
    ...(takesEtag && tag !== null && { 'if-none-match': tag }),
  }))
}
