import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bundles } from '../bundles/bundle.ts'
import { numberText } from '../frame/number.ts'
import type { Answer, OnProgress, Question, Table } from '../frame/question.ts'
import { type Spread, spreadOf, spreadText } from '../frame/spread.ts'
import { atMost, type Target } from '../frame/target.ts'
import { eventOf, type Sent } from '../stub/event.ts'
import { ASSET, WALLET, type World } from '../stub/world.ts'
import { contentsTable } from './contents.ts'
import { type Environment, type Loaded, load, startToAnswer } from './starts.ts'

export const coldStart: Question = {
  name: 'cold-start',
  question: 'How long does a cold start take?',
  run: measure,
}

const TIMES_OF_BARE = 1.2
const LARGEST_KB = 450
const KB = 1024
const ROUNDS = 12
const TRIAL_ROUNDS = 6

const API = ['write', 'read', 'admin', 'ops', 'docs']
const OTHERS = ['audit', 'sweep', 'watch', 'canary', 'freeze', 'webhooks']
const BARE = 'bare'
const RUNTIME = 'runtime'
/** What the trials are made with. */
const SAMPLE = 'write'

const wallet = `/v1/wallets/${WALLET}`
const FIRST: Readonly<Record<string, Sent>> = {
  write: {
    method: 'POST',
    path: `${wallet}/spend`,
    body: { asset: ASSET, amount: 250 },
    by: 'server',
  },
  'write, with a token': {
    method: 'POST',
    path: `${wallet}/spend`,
    body: { asset: ASSET, amount: 250 },
    by: 'player',
  },
  read: { method: 'GET', path: `${wallet}/balances/${ASSET}`, by: 'server' },
  admin: {
    method: 'PUT',
    path: `/v1/assets/${ASSET}`,
    body: { name: 'Gold coins', scale: 0 },
    by: 'server',
  },
  ops: { method: 'GET', path: '/v1/ops/fraud-flags', by: 'server' },
  docs: { method: 'GET', path: '/docs', by: 'server' },
}

interface OfFunction {
  readonly name: string
  readonly load: Spread
  readonly loadWall: Spread
  readonly times: Spread
}

interface OfStart {
  readonly name: string
  readonly ms: Spread
  readonly bareMs: Spread
  readonly times: Spread
}

async function measure(onProgress: OnProgress): Promise<Answer> {
  const [{ openWorld }, { bundle, entryOf }] = await Promise.all([
    import('../stub/world.ts'),
    import('../bundles/bundle.ts'),
  ])
  const ours = [...API, ...OTHERS]
  const bundles = bundle({
    ...Object.fromEntries(ours.map((name) => [name, entryOf(name)])),
    [BARE]: 'bench/baselines/bare-handler.ts',
    [RUNTIME]: 'test/support/lambda-runtime.ts',
  })
  const world = await openWorld()
  try {
    const steps = ROUNDS * (ours.length + Object.keys(FIRST).length) + TRIAL_ROUNDS
    let step = 0
    const onStep = () => {
      step += 1
      onProgress(step, steps)
    }
    const loads = await measureLoads(bundles, ours, world.environment, onStep)
    const starts = await measureStarts(bundles, world, onStep)
    const trials = await measureTrials(bundles, world.environment, onStep)
    const all = ours.map((name) => bundles.of(name))
    return {
      targets: [...loadTargets(loads), sizeTarget(bundles)],
      tables: [loadsTable(loads), startsTable(starts), contentsTable(all), trials],
      remarks: REMARKS,
    }
  } finally {
    await world.close()
    bundles.remove()
  }
}

const REMARKS = [
  'The bare handler has a client of DynamoDB and three of its commands, and nothing else, and is bundled by the same options. Loading is measured in CPU time, which the other work of this machine disturbs least, and which is what a Lambda of 1024 MB has half a core for.',
  'A first answer is counted from the start of the process, against a Runtime API and a DynamoDB that answer at once: so it has the start of Node in it, and neither the download of the code nor the network. They speak plain HTTP, for which the SDK loads a part of Node that it does not need for HTTPS.',
]

/** In turns with the bare one, so that both meet the same machine. */
async function measureLoads(
  bundles: Bundles,
  names: readonly string[],
  env: Environment,
  onStep: () => void,
): Promise<OfFunction[]> {
  const bare = codeOf(bundles, BARE)
  const samples = new Map<string, { own: Loaded; bare: Loaded }[]>(names.map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      const base = await load(bare, env)
      samples.get(name)?.push({ own: await load(codeOf(bundles, name), env), bare: base })
      onStep()
    }
  }
  const rows = Array.from(samples, ([name, pairs]) => ({
    name,
    load: spreadOf(pairs.map(({ own }) => own.cpuMs)),
    loadWall: spreadOf(pairs.map(({ own }) => own.wallMs)),
    times: spreadOf(pairs.map(({ own, bare: base }) => own.cpuMs / base.cpuMs)),
  }))
  const ofBare = Array.from(samples.values()).flatMap((pairs) => pairs.map((pair) => pair.bare))
  const bareRow = {
    name: BARE,
    load: spreadOf(ofBare.map(({ cpuMs }) => cpuMs)),
    loadWall: spreadOf(ofBare.map(({ wallMs }) => wallMs)),
    times: spreadOf([1]),
  }
  return [bareRow, ...rows]
}

async function measureStarts(
  bundles: Bundles,
  { environment, callers, stub }: World,
  onStep: () => void,
): Promise<OfStart[]> {
  const runtime = bundles.of(RUNTIME).folder
  const start = (name: string, sent: Sent, env: Environment) =>
    startToAnswer({
      runtime,
      bundle: bundles.of(name).folder,
      event: eventOf(sent, callers),
      env,
    })
  const results: OfStart[] = []
  for (const [name, sent] of Object.entries(FIRST)) {
    const ownName = name.split(',')[0] ?? name
    // Once to see what it asks of DynamoDB: the bare one then asks the same.
    await stub.take()
    await start(ownName, sent, environment)
    const asked = (await stub.take()).filter(({ operation }) => BARE_ASKS.has(operation))
    const bareEnv = { ...environment, BARE_REQUESTS: JSON.stringify(asked) }
    const samples: { own: number; bare: number }[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const bare = await start(BARE, sent, bareEnv)
      samples.push({ bare, own: await start(ownName, sent, environment) })
      onStep()
    }
    results.push({
      name,
      ms: spreadOf(samples.map(({ own }) => own)),
      bareMs: spreadOf(samples.map(({ bare }) => bare)),
      times: spreadOf(samples.map(({ own, bare }) => own / bare)),
    })
  }
  return results
}

/** What the bare handler has commands for. */
const BARE_ASKS = new Set(['GetItem', 'BatchGetItem', 'TransactWriteItems'])

async function measureTrials(
  bundles: Bundles,
  env: Environment,
  onStep: () => void,
): Promise<Table> {
  const [{ bundle, entryOf }, { loadTrials }] = await Promise.all([
    import('../bundles/bundle.ts'),
    import('./trials.ts'),
  ])
  const cacheFolder = mkdtempSync(join(tmpdir(), 'strongbox-compiled-'))
  const asItIs = codeOf(bundles, SAMPLE)
  const trials = loadTrials(cacheFolder).map((trial) => {
    const isOther = trial.bundling !== undefined || trial.entry !== undefined
    const entry = trial.entry ?? entryOf(SAMPLE)
    const own = isOther ? bundle({ [SAMPLE]: entry }, trial.bundling) : undefined
    const file = own ? codeOf(own, SAMPLE) : asItIs
    return { ...trial, own, file, env: { ...env, ...trial.environment }, times: [] as number[] }
  })
  try {
    // The first one that compiles also writes what the others find.
    for (const trial of trials) await load(trial.file, trial.env)
    for (let round = 0; round < TRIAL_ROUNDS; round += 1) {
      for (const trial of trials) {
        const { cpuMs } = await load(asItIs, env)
        trial.times.push((await load(trial.file, trial.env)).cpuMs / cpuMs)
      }
      onStep()
    }
    return {
      title: `Tried: CPU to load ${SAMPLE}, in times of what it takes now`,
      headers: ['', 'times', 'KB', 'so'],
      rows: trials.map(({ name, times, own, so }) => [
        name,
        spreadText(spreadOf(times)),
        numberText(Math.round((own ?? bundles).of(SAMPLE).minifiedBytes / KB)),
        so,
      ]),
    }
  } finally {
    for (const { own } of trials) own?.remove()
    rmSync(cacheFolder, { recursive: true, force: true })
  }
}

function codeOf(bundles: Bundles, name: string): string {
  return join(bundles.of(name).folder, 'index.mjs')
}

function loadTargets(loads: readonly OfFunction[]): Target[] {
  return loads
    .filter(({ name }) => name !== BARE)
    .map(({ name, times }) =>
      atMost({
        what: `loading ${name}, in times of loading the bare client`,
        limit: TIMES_OF_BARE,
        measured: times.median,
      }),
    )
}

function sizeTarget(bundles: Bundles): Target {
  const largest = Math.max(...API.map((name) => bundles.of(name).minifiedBytes))
  return atMost({
    what: 'the largest bundle of the API, minified',
    limit: LARGEST_KB,
    measured: largest / KB,
    unit: 'KB',
  })
}

function loadsTable(loads: readonly OfFunction[]): Table {
  return {
    title: 'Milliseconds to load: the median, and those that half of all loads are between',
    headers: ['', 'CPU', 'wall', 'CPU, in times of the bare one beside it'],
    rows: loads.map(({ name, load: cpu, loadWall, times }) => [
      name,
      spreadText(cpu),
      spreadText(loadWall),
      name === BARE ? '' : spreadText(times),
    ]),
  }
}

function startsTable(starts: readonly OfStart[]): Table {
  return {
    title: 'Milliseconds from the start of a process to its first answer',
    headers: ['', 'ours', 'bare', 'times'],
    rows: starts.map(({ name, ms, bareMs, times }) => [
      name,
      ...[ms, bareMs, times].map(spreadText),
    ]),
  }
}
