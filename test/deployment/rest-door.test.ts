import { describe, expect, test } from 'vitest'
import { PROBLEMS } from '../../lib/http/problem.ts'
import { OVERALL_RATES } from '../../lib/http/rates.ts'
import { FALLBACK_FUNCTION, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { gatewayAnswersIn, methodsIn, permissionsIn, restStageIn } from './rest-template.ts'
import { CERTIFICATE, synthesise, WITH_EVERYTHING, WITH_REST } from './synthesise.ts'

const TABLE = Object.values<Route>(ROUTES)
const REST = { edge: 'rest' } as const

/** CloudFormation takes no more in one stack. */
const MOST_RESOURCES = 500

describe('the REST API', () => {
  const { service } = synthesise('prod', { ...WITH_EVERYTHING, ...REST })

  test('has the routes of the route table, each to its function', () => {
    const methods = methodsIn(service).filter(({ key }) => !key.startsWith('ANY '))

    const declared = TABLE.map((route) => [routeKey(route), route.function])
    expect(Object.fromEntries(methods.map((method) => [method.key, method.function]))).toEqual(
      Object.fromEntries(declared),
    )
  })

  test('answers every other method and path with the fallback, as an HTTP API would', () => {
    const methods = methodsIn(service).filter(({ key }) => key.startsWith('ANY '))

    const served = new Set(TABLE.flatMap(({ path }) => [path, ...above(path)]))
    const expected = ['/', '/{proxy+}', ...served].map((path) => `ANY ${path}`)
    expect(methods).toHaveLength(expected.length)
    expect(new Set(methods.map(({ key }) => key))).toEqual(new Set(expected))
    expect(new Set(methods.map((method) => method.function))).toEqual(new Set([FALLBACK_FUNCTION]))
  })

  test('lets each route take as many requests as its class may', () => {
    const { MethodSettings } = restStageIn(service)

    const limits = MethodSettings.map(({ ResourcePath, HttpMethod, ...limit }) => [
      `${HttpMethod} ${ResourcePath.slice(1).replaceAll('~1', '/')}`,
      limit,
    ])
    const rates = TABLE.map((route) => [routeKey(route), throttle(route.rate)])
    expect(Object.fromEntries(limits)).toMatchObject({
      ...Object.fromEntries(rates),
      '* *': throttle('read'),
    })
  })

  test('and nobody else may call the functions of the API, each by one permission', () => {
    const calls = permissionsIn(service).filter(
      ({ Principal }) => Principal === 'apigateway.amazonaws.com',
    )

    const [api] = Object.keys(service.findResources('AWS::ApiGateway::RestApi'))
    expect(new Set(calls.map(({ FunctionName }) => FunctionName)).size).toBe(5)
    expect(calls).toHaveLength(5)
    for (const { SourceArn } of calls) {
      expect(JSON.stringify(SourceArn)).toContain(`{"Ref":"${api}"}`)
    }
  })

  test('logs what came of each request, and nothing that is secret', () => {
    const { AccessLogSetting } = restStageIn(service)

    const format: unknown = JSON.parse(AccessLogSetting.Format)

    expect(format).toEqual({
      api: 'strongbox-prod',
      requestId: '$context.requestId',
      time: '$context.requestTime',
      ip: '$context.identity.sourceIp',
      routeKey: '$context.httpMethod $context.resourcePath',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      error: '$context.error.message',
      integrationError: '$context.integrationErrorMessage',
      responseType: '$context.error.responseType',
      waf: '$context.wafResponseCode',
    })
  })

  test('fits one stack, with everything that can be switched on', () => {
    const whole = synthesise('prod', { ...WITH_EVERYTHING, ...WITH_REST }).service

    const { Resources } = whole.toJSON()

    expect(Object.keys(Resources).length).toBeLessThan(MOST_RESOURCES)
  })

  test('is told where it is', () => {
    const { ApiUrl } = service.findOutputs('ApiUrl')

    expect(JSON.stringify(ApiUrl?.['Value'])).toMatch(
      /^\{"Fn::Join":\["",\["https:\/\/".*"\/prod"\]\]\}$/,
    )
  })
})

describe('what API Gateway says by itself', () => {
  test.each([
    ['THROTTLED', 'RATE_LIMITED'],
    ['QUOTA_EXCEEDED', 'RATE_LIMITED'],
    ['INVALID_API_KEY', 'FORBIDDEN'],
    ['WAF_FILTERED', 'FORBIDDEN'],
    ['REQUEST_TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
    ['UNSUPPORTED_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
    ['MISSING_AUTHENTICATION_TOKEN', 'NOT_FOUND'],
    ['INTEGRATION_FAILURE', 'WALLET_BUSY'],
    ['INTEGRATION_TIMEOUT', 'WALLET_BUSY'],
    ['DEFAULT_4XX', 'INVALID_REQUEST'],
    ['DEFAULT_5XX', 'INTERNAL_ERROR'],
  ] as const)('about %s is the problem %s', (type, code) => {
    const { service } = synthesise('prod', REST)

    const answer = gatewayAnswersIn(service).get(type)

    const body: unknown = JSON.parse(answer?.ResponseTemplates['application/json'] ?? '')
    expect(answer?.StatusCode).toBe(String(PROBLEMS[code].status))
    expect(body).toMatchObject({ code, requestId: '$context.requestId', ...PROBLEMS[code] })
  })

  test.each([
    { given: REST, header: undefined },
    { given: { ...REST, corsOrigins: 'https://play.example.com' }, header: "'*'" },
  ])('can be read by a page of another origin if one may call: $header', ({ given, header }) => {
    const { service } = synthesise('prod', given)

    const headers = Array.from(
      gatewayAnswersIn(service).values(),
      ({ ResponseParameters }) =>
        ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin'],
    )

    expect(new Set(headers)).toEqual(new Set([header]))
  })
})

describe('a usage plan', () => {
  test('is nobody asked about, unless there is one', () => {
    const { service } = synthesise('prod', REST)

    const asked = methodsIn(service).filter(({ keyRequired }) => keyRequired)

    expect(asked).toEqual([])
    expect(service.findResources('AWS::ApiGateway::UsagePlan')).toEqual({})
  })

  test('asks for a key at every route that is not public', () => {
    const { service } = synthesise('prod', WITH_REST)

    const asked = methodsIn(service).filter(({ keyRequired }) => keyRequired)

    const guarded = TABLE.filter(({ access }) => access.kind !== 'public')
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(guarded.map(routeKey)))
  })

  test('counts by the day, and has a first key', () => {
    const { service } = synthesise('prod', WITH_REST)

    const [plan] = Object.values(service.findResources('AWS::ApiGateway::UsagePlan'))

    const keys = service.findResources('AWS::ApiGateway::UsagePlanKey')
    expect(plan?.['Properties']).toMatchObject({
      Quota: { Limit: Number(WITH_REST.usagePlanRequestsPerDay), Period: 'DAY' },
      Throttle: {
        RateLimit: OVERALL_RATES.write.perSecond,
        BurstLimit: OVERALL_RATES.write.burst,
      },
    })
    expect(Object.keys(keys)).toHaveLength(1)
    expect(Object.keys(service.findOutputs('UsagePlanKeyId'))).toHaveLength(1)
  })
})

describe('the firewall', () => {
  test('stands there if it is wanted, and otherwise not', () => {
    const without = synthesise('prod', REST).service
    const withOne = synthesise('prod', WITH_REST).service

    const [association] = Object.values(withOne.findResources('AWS::WAFv2::WebACLAssociation'))

    const [stage] = Object.keys(withOne.findResources('AWS::ApiGateway::Stage'))
    expect(without.findResources('AWS::WAFv2::WebACL')).toEqual({})
    expect(JSON.stringify(association?.['Properties'].ResourceArn)).toContain(`{"Ref":"${stage}"}`)
  })

  test('blocks who comes too often: a server, which signs, later than the players of one address', () => {
    const { service } = synthesise('prod', WITH_REST)

    const [acl] = Object.values(service.findResources('AWS::WAFv2::WebACL'))

    expect(acl?.['Properties']).toMatchObject({
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      Rules: [
        {
          Action: { Block: {} },
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 600_000 } },
        },
        {
          Action: { Block: {} },
          Statement: {
            RateBasedStatement: {
              AggregateKeyType: 'IP',
              Limit: 10_000,
              ScopeDownStatement: {
                NotStatement: {
                  Statement: {
                    SizeConstraintStatement: {
                      FieldToMatch: { SingleHeader: { Name: 'signature' } },
                    },
                  },
                },
              },
            },
          },
        },
        { OverrideAction: { None: {} } },
        { OverrideAction: { None: {} } },
      ],
    })
  })
})

test('with a name of its own and onlyByName, the name that API Gateway gave is closed', () => {
  const named = { ...REST, domainName: 'wallet.example.com', certificateArn: CERTIFICATE }
  const { service } = synthesise('prod', { ...named, onlyByName: 'true' })

  const [api] = Object.values(service.findResources('AWS::ApiGateway::RestApi'))

  expect(api?.['Properties']).toMatchObject({ DisableExecuteApiEndpoint: true })
  expect(service.findOutputs('ApiUrl')).toMatchObject({
    ApiUrl: { Value: 'https://wallet.example.com' },
  })
})

/** The paths that a path goes through, as `/v1` is. */
function above(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

function throttle(rate: Route['rate']) {
  const { perSecond, burst } = OVERALL_RATES[rate]
  return { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst }
}
