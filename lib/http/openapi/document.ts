import { ROUTES, type Route, type RouteName } from '../routes.ts'
import { ABOUT } from './about.ts'
import { HEADERS } from './headers.ts'
import { type Json, liftNamedSchemas } from './json-schema.ts'
import { operation } from './operation.ts'
import { TAGS } from './operations.ts'
import { SHARED_PARAMETERS } from './parameters.ts'
import { problemAnswers, problemExamples, problemsOf } from './problems.ts'
import { SECURITY_SCHEMES } from './security.ts'

/** Of the API, not of the code: clients that know 1.x understand every 1.x. */
const VERSION = '1.0.0'

const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[]

/** The contract, made of the route table and its schemas. `npm run openapi` writes it down. */
export function openApiDocument(): Json {
  const { document, schemas } = liftNamedSchemas({
    paths: paths(),
    responses: problemResponses(),
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'Strongbox',
      version: VERSION,
      summary: 'A serverless wallet for games and loyalty programmes.',
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to the document, because there may be a stage before all of its paths.
    servers: [{ url: '.', description: 'Where this document comes from.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: document['paths'],
    components: {
      securitySchemes: SECURITY_SCHEMES,
      parameters: SHARED_PARAMETERS,
      headers: HEADERS,
      schemas,
      responses: document['responses'],
      examples: problemExamples(new Set(Object.values<Route>(ROUTES).flatMap(problemsOf))),
    },
  }
}

/** Several routes can have one path. */
function paths(): Json {
  const byPath = Map.groupBy(ROUTE_NAMES, (name) => ROUTES[name].path)
  return Object.fromEntries(
    Array.from(byPath, ([path, names]) => [
      path,
      Object.fromEntries(
        names.map((name) => [ROUTES[name].method.toLowerCase(), operation(name, ROUTES[name])]),
      ),
    ]),
  )
}

function problemResponses(): Json {
  const answers = Object.values<Route>(ROUTES).flatMap(problemAnswers)
  const byName = answers.map(({ name, answer }) => [name, answer] as const)
  return Object.fromEntries(byName.sort(([a], [b]) => (a < b ? -1 : 1)))
}
