import { openDoor } from '../lib/smoke/door.ts'
import { readOptions, runCommand } from './failure.ts'
import { type Choices, MONKEY_OPTIONS, readChoices } from './monkey/choices.ts'
import { listenForCtrlC } from './monkey/ctrl-c.ts'
import { KIND_NAMES, kindOf } from './monkey/kinds.ts'
import { liveLines, plainLine } from './monkey/live.ts'
import { type Mix, mixText, USUAL_MIX, without } from './monkey/mix.ts'
import { paintForTerminal as paint } from './monkey/paint.ts'
import { auditReport, conclusion, loadReport } from './monkey/report.ts'
import { moveIn, type Rights } from './monkey/rights.ts'
import { runMonkey } from './monkey/run.ts'
import { openScreen } from './monkey/screen.ts'
import { duration, grouped, inNumber } from './monkey/words.ts'
import { makeRun, makeWorld, type World } from './monkey/world.ts'

const HELP = `Plays with a running Strongbox as many clients at once would: it spends, tops up, transfers, holds, captures and
reverses; sends some requests twice, and some that have to be declined; tries again, with the same key, when it is told
to or hears nothing. Then it shows how long answers took, and audits the books: what every wallet has and how it came
to have it, compared with what was answered. All on wallets and assets of its own.
Ends with 0 if the books are right and no answer was a surprise, with 1 if not, and with 2 if it could not begin.

  npm run monkey                                   the one that \`npm start\` runs on this machine
  npm run monkey -- --minutes 5 --at-once 200
  npm run monkey -- --mix spend=60,topup=20,transfer=15,hold=5
  npm run monkey -- --url URL --token-file FILE --yes

  --requests N          how many (default: 1,000), or
  --seconds N, --minutes N   for how long
  --at-once N           how many are under way at a time (default: 100)
  --wallets N           how many wallets they are about (default: 50); with few, they fight for them
  --mix KIND=SHARE,…    what to do, and how often compared with the others; default:
                        ${mixText(USUAL_MIX)}
                        and, only where it is asked for, deposit=… and withdraw=…: three withdrawals of a wallet
                        in a minute raise a fraud flag
                          new Map(KIND_NAMES.map((name) => [name, 1])),
                          new Set(USUAL_MIX.keys()),
                        )
                          .keys()
                          .toArray()
                          .join(' and ')} (three of these in a minute raise a fraud flag)
  --seed N              plan the same requests as a run that had this seed
  --timeout SECONDS     for each answer (default: 15)
  --wait SECONDS        in the end, for what was not answered, and for the audit to catch up (default: 60)
  --yes                 also on another machine: what it makes there stays there

  --url URL             where it is, and as who, one of:
  --credentials FILE    what \`npm start\` has written (default: .local/dev-credentials.json)
  --token-file FILE     the token of an operator
  --key-file FILE       a key to sign with: {"id": …, "secret": …}
  --key-id ID           the same, with its secret in STRONGBOX_KEY_SECRET

The caller needs the scopes wallet:credit, wallet:debit and wallet:admin; with wallet:read, wallet:reverse and ops, more is
done and looked at. Ctrl-C stops sending, and still audits; a second one ends it at once.
`

const COULD_NOT_BEGIN = 2

await runCommand(async () => {
  const options = readOptions(HELP, MONKEY_OPTIONS)
  if (!options) return
  const choices = readChoices(options)
  const world = makeWorld(makeRun(Math.random), choices.wallets)
  const door = openDoor({ ...choices, deadline: new AbortController().signal })
  const rights = await moveIn(door, choices.url, world)
  const mix = possible(choices.mix, rights)
  printIntroduction(choices, mix, world)

  const screen = openScreen(process.stdout)
  const { checks, transactions } = await runMonkey({
    ...{ ...choices, mix, world, rights, isStopping: listenForCtrlC() },
    onMoment: (moment) => screen.show(liveLines(moment, paint), plainLine(moment)),
    onProgress(what, done = 0, of = 0) {
      const count = of === 0 ? '' : `  ${grouped(done)} of ${grouped(of)}`
      screen.show([`  ${paint('cyan', '…')} ${what}${paint('dim', count)}`], `${what}${count}`)
    },
    onLoad(load) {
      screen.clear()
      print(loadReport(load, paint))
    },
  })
  screen.clear()
  const { isRight, words } = conclusion(checks, transactions)
  print([
    ...auditReport(checks, paint),
    `  ${paint(['bold', isRight ? 'green' : 'red'], words)}`,
    '',
  ])
  process.exitCode = isRight ? 0 : 1
}, COULD_NOT_BEGIN)

function print(lines: readonly string[]): void {
  console.log(lines.join('\n'))
}

/** Without what the caller may not do. */
function possible(mix: Mix, { mayReverse }: Rights): Mix {
  const reversing = KIND_NAMES.filter((kind) => kindOf({ kind }).about === 'spend')
  return without(mix, new Set(mayReverse ? [] : reversing))
}

function printIntroduction(choices: Choices, mix: Mix, { run }: World): void {
  const { url, requests, forMs = 0, atOnce, wallets, seed } = choices
  const much = requests === undefined ? duration(forMs) : inNumber(requests, 'request')
  const leftOut = Array.from(choices.mix.keys()).filter((kind) => !mix.has(kind))
  print([
    '',
    `  ${paint(['bold', 'cyan'], 'Strongbox monkey')}  ${paint('underline', url)}`,
    `  ${much}, ${grouped(atOnce)} at a time, on ${grouped(wallets)} wallets`,
    `  ${paint('dim', `run ${run}, seed ${seed}`)}`,
    `  ${paint('dim', mixText(mix))}`,
    ...(leftOut.length === 0
      ? []
      : [`  ${paint('yellow', `without ${leftOut.join(', ')}: that needs wallet:reverse`)}`]),
    '',
  ])
}
