import { expect, test } from 'vitest'
import { CORS_ANSWER_HEADERS, CORS_METHODS, CORS_REQUEST_HEADERS } from '../../lib/http/cors.ts'
import { OVERALL_RATES } from '../../lib/http/rates.ts'
import { FALLBACK_FUNCTION, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { synthesise, WITH_EVERYTHING, WITH_ISSUER, WITH_NAMES } from './synthesise.ts'
import { type Door, doorsIn, invocationsIn } from './template.ts'

const TABLE = Object.values<Route>(ROUTES)
const DOORS = ['signature', 'token']

const HOUR_SECONDS = 3_600

test('there are two doors with an issuer, and the one for signatures without', () => {
  const without = doorsIn(synthesise('dev').service)
  const withOne = doorsIn(synthesise('dev', WITH_ISSUER).service)

  expect(Object.keys(without)).toEqual(['signature'])
  expect(new Set(Object.keys(withOne))).toEqual(new Set(DOORS))
})

test.each(DOORS)(
  'the %s door has the routes of the route table, each to its function, and a fallback',
  (name) => {
    const { routes } = door(name, synthesise('dev', WITH_ISSUER))

    const deployed = Object.entries(routes).map(([key, route]) => [key, route.function])

    const declared = Object.fromEntries(TABLE.map((route) => [routeKey(route), route.function]))
    expect(Object.fromEntries(deployed)).toEqual({ ...declared, $default: FALLBACK_FUNCTION })
  },
)

test.each(DOORS)(
  'the %s door may call each function for the paths that it serves, and nobody else may',
  (name) => {
    const synthesised = synthesise('dev', WITH_ISSUER)

    const { apiId } = door(name, synthesised)
    const invocations = invocationsIn(synthesised.service).get(apiId)

    const served = TABLE.map((route) => `${route.function} ${route.path}`)
    const expected = [...served, `${FALLBACK_FUNCTION} $default`]
    expect(new Set(invocations)).toEqual(
      new Set(expected.map((call) => `apigateway.amazonaws.com: ${call}`)),
    )
  },
)

test('nothing but the doors may call a function of the API', () => {
  const synthesised = synthesise('dev', WITH_ISSUER)

  const callers = invocationsIn(synthesised.service).keys()

  const apis = DOORS.map((name) => door(name, synthesised).apiId)
  expect(new Set(callers)).toEqual(new Set(apis))
})

/** Lambda keeps all permissions of a function in one document, and refuses the first that does not fit. */
const MOST_POLICY_BYTES = 20 * 1024
/** A statement about one path, with the longest names that CloudFormation makes of ours, is not quite as long. */
const STATEMENT_BYTES = 500

test('the permissions of every function fit what Lambda keeps for it', () => {
  const { service } = synthesise('prod', WITH_ISSUER)

  const calls = Array.from(invocationsIn(service).values()).flat()

  const ofFunctions = Map.groupBy(calls, (call) => call.split(' ')[1])
  const most = Math.max(...ofFunctions.values().map((all) => all.length))
  expect(most * STATEMENT_BYTES).toBeLessThan(MOST_POLICY_BYTES)
})

test('the token door asks for a token of the issuer at every route that is not public', () => {
  const { routes } = door('token', synthesise('prod', WITH_EVERYTHING))

  const asking = Object.entries(routes).filter(([, { authorizer }]) => authorizer)

  const guarded = TABLE.filter(({ access }) => access.kind !== 'public')
  const authorizer = {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: {
      Issuer: WITH_EVERYTHING.issuer,
      Audience: [WITH_EVERYTHING.audience, WITH_EVERYTHING.operatorAudience],
    },
  }
  expect(new Set(asking.map(([key]) => key))).toEqual(new Set(guarded.map(routeKey)))
  for (const [, route] of asking) expect(route.authorizer).toEqual(authorizer)
})

test('at the token door too, health and docs are for everybody, and an unknown path gets our answer', () => {
  const { routes } = door('token', synthesise('prod', WITH_EVERYTHING))

  const open = Object.keys(routes).filter((key) => !routes[key]?.authorizer)

  expect(open).toEqual(
    expect.arrayContaining(['GET /health', 'GET /openapi.json', 'GET /docs', '$default']),
  )
})

test('without an audience for operators, the token door takes tokens for players only', () => {
  const { routes } = door('token', synthesise('prod', WITH_ISSUER))

  const { authorizer } = routes['POST /v1/wallets/{walletId}/spend'] ?? {}

  expect(authorizer?.JwtConfiguration.Audience).toEqual([WITH_ISSUER.audience])
})

test('the signature door asks nobody for a token', () => {
  const { routes } = door('signature', synthesise('prod', WITH_EVERYTHING))

  const asking = Object.values(routes).filter(({ authorizer }) => authorizer)

  expect(asking).toEqual([])
})

test.each(DOORS)('at the %s door each route lets in as many as its class may', (name) => {
  const { stage } = door(name, synthesise('prod', WITH_ISSUER))

  const { DefaultRouteSettings, RouteSettings } = stage

  const rates = TABLE.map((route) => [routeKey(route), throttle(route.rate)])
  expect(RouteSettings).toEqual(Object.fromEntries(rates))
  expect(DefaultRouteSettings).toEqual(throttle('read'))
})

test.each(DOORS)('the %s door limits its routes when they are there, and not before', (name) => {
  const synthesised = synthesise('prod', WITH_ISSUER)
  const { stage, routes } = door(name, synthesised)

  const { DependsOn } =
    synthesised.service.findResources('AWS::ApiGatewayV2::Stage')[stage.id] ?? {}

  const limited = Object.keys(stage.RouteSettings).map((key) => routes[key]?.id)
  expect(DependsOn).toEqual(expect.arrayContaining(limited))
})

test('no page of another origin may call, unless origins are named', () => {
  const synthesised = synthesise('prod', WITH_ISSUER)

  const cors = DOORS.map((name) => door(name, synthesised).cors)

  expect(cors).toEqual([undefined, undefined])
})

test('the token door lets pages of the named origins call, and says what they may send and see', () => {
  const { cors } = door('token', synthesise('prod', WITH_EVERYTHING))

  expect(cors).toEqual({
    AllowOrigins: WITH_EVERYTHING.corsOrigins.split(','),
    AllowMethods: CORS_METHODS,
    AllowHeaders: CORS_REQUEST_HEADERS,
    ExposeHeaders: CORS_ANSWER_HEADERS,
    MaxAge: HOUR_SECONDS,
  })
})

test('about the signature door, API Gateway answers no browser', () => {
  const { cors } = door('signature', synthesise('prod', WITH_EVERYTHING))

  expect(cors).toBeUndefined()
})

test.each(DOORS)(
  'the %s door logs what came of each request, and nothing that is secret',
  (name) => {
    const { stage } = door(name, synthesise('prod', WITH_ISSUER))

    const format: unknown = JSON.parse(stage.AccessLogSettings.Format)

    expect(format).toEqual({
      api: `strongbox-prod-${name}`,
      requestId: '$context.requestId',
      time: '$context.requestTime',
      ip: '$context.identity.sourceIp',
      routeKey: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      error: '$context.error.message',
      integrationError: '$context.integrationErrorMessage',
      authorizerError: '$context.authorizer.error',
    })
  },
)

test('the URL of each door is an output', () => {
  const synthesised = synthesise('dev', WITH_ISSUER)

  const outputs = synthesised.service.findOutputs('*')

  const endpoint = (name: string) => ({
    Value: { 'Fn::GetAtt': [door(name, synthesised).apiId, 'ApiEndpoint'] },
  })
  expect(outputs).toMatchObject({
    TokenApiUrl: endpoint('token'),
    SignedApiUrl: endpoint('signature'),
  })
})

test('each door has a name of its own, and with onlyByName no other', () => {
  const { service } = synthesise('prod', { ...WITH_ISSUER, ...WITH_NAMES, onlyByName: 'true' })

  const apis = Object.values(service.findResources('AWS::ApiGatewayV2::Api'))
  const names = Object.values(service.findResources('AWS::ApiGatewayV2::DomainName'))
  const mappings = Object.values(service.findResources('AWS::ApiGatewayV2::ApiMapping'))

  expect(apis.map((api) => api['Properties'].DisableExecuteApiEndpoint)).toEqual([true, true])
  expect(names.map((name) => name['Properties'].DomainName)).toEqual([
    WITH_NAMES.domainName,
    WITH_NAMES.signedDomainName,
  ])
  for (const name of names) {
    expect(name['Properties'].DomainNameConfigurations).toEqual([
      {
        CertificateArn: WITH_NAMES.certificateArn,
        EndpointType: 'REGIONAL',
        SecurityPolicy: 'TLS_1_2',
      },
    ])
  }
  expect(mappings).toHaveLength(2)
  expect(service.findOutputs('*')).toMatchObject({
    TokenApiUrl: { Value: `https://${WITH_NAMES.domainName}` },
    SignedApiUrl: { Value: `https://${WITH_NAMES.signedDomainName}` },
  })
})

test('a name alone closes no other way in: clients find out about it at their leisure', () => {
  const without = synthesise('prod', WITH_ISSUER).service
  const named = synthesise('prod', { ...WITH_ISSUER, ...WITH_NAMES }).service

  const apis = Object.values(named.findResources('AWS::ApiGatewayV2::Api'))

  expect(apis.map((api) => api['Properties'].DisableExecuteApiEndpoint)).toEqual([false, false])
  for (const output of ['TokenApiUrl', 'SignedApiUrl']) {
    expect(named.findOutputs(output)).toEqual(without.findOutputs(output))
  }
  expect(named.findOutputs('*')).toMatchObject({ DomainNameTarget: {}, SignedDomainNameTarget: {} })
})

/** What CloudFormation knows by another id it makes anew, before it takes the old one away; and AWS has each name once. */
test.each([
  { given: {}, leadsTo: 'AWS::ApiGatewayV2::Api' },
  { given: WITH_ISSUER, leadsTo: 'AWS::ApiGatewayV2::Api' },
  { given: { edge: 'rest' }, leadsTo: 'AWS::ApiGateway::RestApi' },
])('with $given, a name stays the same resource, and leads to what is there', (row) => {
  const { domainName, certificateArn } = WITH_NAMES
  const { service } = synthesise('prod', { ...row.given, domainName, certificateArn })

  const ids = Object.keys(service.findResources('AWS::ApiGatewayV2::DomainName'))
  const mappings = service.findResources('AWS::ApiGatewayV2::ApiMapping')

  const [mapping] = Object.values(mappings)
  const led = mapping?.['Properties'].ApiId.Ref
  expect(ids).toEqual([expect.stringMatching(/^NamesDomainName\w{8}$/)])
  expect(Object.keys(mappings)).toEqual([expect.stringMatching(/^NamesDomainNameMapping\w*$/)])
  expect(Object.keys(service.findResources(row.leadsTo))).toContain(led)
})

function door(name: string, { service }: ReturnType<typeof synthesise>): Door {
  const found = doorsIn(service)[name]
  if (!found) throw new Error(`there is no ${name} door`)
  return found
}

function throttle(rate: Route['rate']) {
  const { perSecond, burst } = OVERALL_RATES[rate]
  return { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst }
}
