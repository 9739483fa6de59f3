import { matchPath, ROUTES, type Route } from '../lib/http/routes.ts'

export interface FoundResource {
  readonly resource: string
  /** As they are written in the path. */
  readonly pathParameters: Record<string, string> | null
}

/** As the REST door makes them: each path of the table, and each that is on the way to it. */
const RESOURCES = new Set(Object.values<Route>(ROUTES).flatMap(({ path }) => wayTo(path)))

/** All that is no resource. */
const ANYTHING = '/{proxy+}'

/** A REST API routes by the path alone, and overlooks slashes at its end. */
export function findResource(path: string): FoundResource {
  const plain = path.replace(/\/+$/, '') || '/'
  const [found] = Array.from(RESOURCES, (resource) => {
    const params = matchPath(resource, plain)
    return params ? [{ resource, params }] : []
  })
    .flat()
    // A part that is named comes before one that is a parameter.
    .toSorted((one, other) => Object.keys(one.params).length - Object.keys(other.params).length)
  if (!found) return { resource: ANYTHING, pathParameters: { proxy: plain.slice(1) } }
  const { resource, params } = found
  return { resource, pathParameters: Object.keys(params).length > 0 ? params : null }
}

function wayTo(path: string): string[] {
  const parts = path.split('/').slice(1)
  return parts.map((_, index) => `/${parts.slice(0, index).join('/')}`).concat(path)
}
