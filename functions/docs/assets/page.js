const KEY = 'Idempotency-Key'

/**
 * Swagger UI fills in every example. That is right for what a request needs, and wrong for the rest: nobody wants
 * all filters at once, with a cursor from nowhere. Nor the same key each time, which would only replay.
 */
function examplesWhereNeeded() {
  const isFilledIn = ({ name, required }) => required && name !== KEY

  function calm(parameter) {
    if (parameter.example === undefined || isFilledIn(parameter)) return parameter
    const { example, ...rest } = parameter
    // Fields start with their defaults, and need no other word.
    if (parameter.schema?.default !== undefined) return rest
    const hint = parameter.name === KEY ? ' Leave it empty, and each try gets a fresh one.' : ''
    const description = `${parameter.description ?? ''} For example \`${example}\`.${hint}`
    return { ...rest, description }
  }

  const calmAll = (parameters) => Object.entries(parameters).map(([name, one]) => [name, calm(one)])

  function calmOperation([method, operation]) {
    const { parameters } = operation
    return [method, parameters ? { ...operation, parameters: parameters.map(calm) } : operation]
  }

  function calmDocument(openapi) {
    const { paths = {}, components = {} } = openapi
    const calmPaths = Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(Object.entries(operations).map(calmOperation)),
    ])
    const parameters = Object.fromEntries(calmAll(components.parameters ?? {}))
    return {
      ...openapi,
      paths: Object.fromEntries(calmPaths),
      components: { ...components, parameters },
    }
  }

  const updateJsonSpec = (update) => (openapi) => update(calmDocument(openapi))
  return { statePlugins: { spec: { wrapActions: { updateJsonSpec } } } }
}

/** A try that leaves the key empty gets one of its own, and the field is empty again for the next try. */
function freshIdempotencyKeys() {
  const given = new Set()

  const keyOf = (specSelectors, operation) =>
    specSelectors
      .specJsonWithResolvedSubtrees()
      .getIn(['paths', ...operation, 'parameters'])
      ?.find((parameter) => parameter.get('in') === 'header' && parameter.get('name') === KEY)

  /** What is required must be there when the fields are checked. */
  const validateParams =
    (validate, { specActions, specSelectors }) =>
    (operation) => {
      const key = keyOf(specSelectors, operation)
      if (key && !specSelectors.parameterWithMetaByIdentity(operation, key).get('value')) {
        specActions.changeParamByIdentity(operation, key, crypto.randomUUID(), false)
        given.add(operation.join())
      }
      return validate(operation)
    }

  const execute =
    (send, { specActions, specSelectors }) =>
    (request) => {
      const sent = send(request)
      const operation = [request.path, request.method]
      if (given.delete(operation.join())) {
        specActions.changeParamByIdentity(operation, keyOf(specSelectors, operation), '', false)
      }
      return sent
    }

  return { statePlugins: { spec: { wrapActions: { validateParams, execute } } } }
}

/** What is long, and the same for all operations or nearly so, is there for who asks. */
function foldedReading() {
  const fold = (React, title, content) => {
    const summary = React.createElement('summary', null, title)
    return React.createElement('details', { className: 'folded' }, summary, content)
  }

  const folded =
    (title, isFolded = () => true) =>
    (Original, { React }) =>
    (props) => {
      const original = React.createElement(Original, props)
      return isFolded(props) ? fold(React, title, original) : original
    }

  function isOfError({ specPath }) {
    const at = specPath?.indexOf('responses') ?? -1
    return at >= 0 && !specPath.get(at + 1).startsWith('2')
  }

  return {
    wrapComponents: {
      InfoContainer: folded('Read this first: money, keys, callers, errors and limits'),
      headers: folded('Headers'),
      modelExample: folded('Example', isOfError),
    },
  }
}

/** What a link leads to is scrolled to as the style says: to below the masthead. */
function scrollAsStyled() {
  const scrollToElement = () => (element) => element.scrollIntoView()
  return { statePlugins: { layout: { wrapActions: { scrollToElement } } } }
}

/** Swagger UI has the colours of the night, and leaves it to the page when to use them. */
function followTheNight() {
  const night = matchMedia('(prefers-color-scheme: dark)')
  const paint = () => document.documentElement.classList.toggle('dark-mode', night.matches)
  night.addEventListener('change', paint)
  paint()
}

followTheNight()

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  plugins: [examplesWhereNeeded, freshIdempotencyKeys, foldedReading, scrollAsStyled],
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // Nobody else learns what this page shows, and no link to it decides what it shows.
  validatorUrl: null,
  queryConfigEnabled: false,
})
