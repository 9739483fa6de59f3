import { expect, test } from 'vitest'
import { FALLBACK_FUNCTION, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { synthesise } from './synthesise.ts'
import { invocationsIn, routesIn } from './template.ts'

const TABLE = Object.values<Route>(ROUTES)

test('the API has the routes of the route table, each to its function, and a fallback', () => {
  const { service } = synthesise('dev')

  const deployed = routesIn(service)

  const declared = Object.fromEntries(TABLE.map((route) => [routeKey(route), route.function]))
  expect(deployed).toEqual({ ...declared, $default: FALLBACK_FUNCTION })
})

test('API Gateway may call each function for the paths that it serves, and nobody else may', () => {
  const { service } = synthesise('dev')

  const invocations = invocationsIn(service)

  const served = TABLE.map((route) => `${route.function} ${route.path}`)
  const expected = [...served, `${FALLBACK_FUNCTION} $default`]
  expect(new Set(invocations)).toEqual(
    new Set(expected.map((call) => `apigateway.amazonaws.com: ${call}`)),
  )
})

test('the URL of the API is an output', () => {
  const { service } = synthesise('dev')

  const outputs = service.findOutputs('ApiUrl')

  expect(outputs).toHaveProperty('ApiUrl.Value.Fn::GetAtt', [expect.any(String), 'ApiEndpoint'])
})
