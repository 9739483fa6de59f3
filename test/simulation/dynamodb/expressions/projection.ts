import type { Item, Value } from '../values.ts'
import { valueAt } from './paths.ts'
import type { Path, ProjectionSyntax } from './syntax.ts'

/** Some of an item. */
export type Projection = (item: Item) => Item

/** A tree of what was asked for; a place that ends a path holds the value. */
interface Branch {
  readonly children: Map<string | number, Branch>
  value?: Value
}

export function compileProjection({ paths }: ProjectionSyntax): Projection {
  if (paths.every(({ length }) => length === 1)) {
    const names = paths.flatMap(([head]) => (typeof head === 'string' ? [head] : []))
    return (item) => {
      const picked: Record<string, Value> = {}
      for (const name of names) {
        const value = valueAt(item, [name])
        if (value) picked[name] = value
      }
      return picked
    }
  }
  return (item) => {
    const root: Branch = { children: new Map() }
    for (const path of paths) {
      const value = valueAt(item, path)
      if (value) grow(root, path, value)
    }
    return members(root)
  }
}

function grow(root: Branch, path: Path, value: Value): void {
  let branch = root
  for (const piece of path) {
    const child = branch.children.get(piece) ?? { children: new Map() }
    branch.children.set(piece, child)
    branch = child
  }
  branch.value = value
}

function members({ children }: Branch): Item {
  return Object.fromEntries(Array.from(children, ([name, child]) => [name, grown(child)]))
}

/** Of a list, what was asked for, without the gaps. */
function grown(branch: Branch): Value {
  if (branch.value) return branch.value
  const isList = Array.from(branch.children.keys()).every((piece) => typeof piece === 'number')
  if (!isList) return { M: { ...members(branch) } }
  const elements = Array.from(branch.children).sort(([a], [b]) => Number(a) - Number(b))
  return { L: elements.map(([, child]) => grown(child)) }
}
