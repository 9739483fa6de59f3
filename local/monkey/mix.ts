import { StartFailure } from '../failure.ts'
import { isKind, KIND_NAMES, KINDS, type KindName } from './kinds.ts'

/** How often each kind is done, compared with the others. */
export type Mix = ReadonlyMap<KindName, number>

const SHARE = /^\d{1,6}$/

export const USUAL_MIX: Mix = new Map(
  KIND_NAMES.map((name) => [name, KINDS[name].share] as const).filter(([, share]) => share > 0),
)

/** As it is typed: `spend=60,topup=20,transfer=20`. */
export function readMix(text: string): Mix {
  const mix = new Map<KindName, number>()
  for (const part of text.split(',')) {
    const [name = '', share = '', ...rest] = part.trim().split('=')
    if (!isKind(name)) {
      throw new StartFailure(
        `--mix: "${name}" is nothing to do. Choose of ${KIND_NAMES.join(', ')}.`,
      )
    }
    if (!SHARE.test(share) || rest.length > 0) {
      throw new StartFailure(`--mix: "${part}" is no share, such as ${name}=20.`)
    }
    if (mix.has(name)) throw new StartFailure(`--mix: ${name} is there twice.`)
    mix.set(name, Number(share))
  }
  return withoutNothing(mix)
}

export function without(mix: Mix, left: ReadonlySet<KindName>): Mix {
  return withoutNothing(new Map(Array.from(mix).filter(([name]) => !left.has(name))))
}

export function mixText(mix: Mix): string {
  return Array.from(mix, ([name, share]) => `${name}=${share}`).join(',')
}

function withoutNothing(mix: Mix): Mix {
  const rest = new Map(Array.from(mix).filter(([, share]) => share > 0))
  if (rest.size === 0) throw new StartFailure('--mix: nothing is left to do.')
  return rest
}
