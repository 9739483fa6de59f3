import { attribute, type Item, type Value } from '../values.ts'
import type { Path } from './syntax.ts'

export function valueAt(item: Item, path: Path): Value | undefined {
  const [head] = path
  if (typeof head !== 'string') return undefined
  let value = attribute(item, head)
  for (let place = 1; place < path.length && value; place += 1) {
    value = below(value, path[place])
  }
  return value
}

function below(value: Value, piece: string | number | undefined): Value | undefined {
  if (typeof piece === 'number') return value.L?.[piece]
  return piece !== undefined && value.M ? attribute(value.M, piece) : undefined
}
