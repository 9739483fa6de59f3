import { type AssetName, readAsset } from './assets.ts'

/** Addresses are relative, because a deployment may serve all of it below a path. */
export function renderPage(): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Strongbox API</title>
    <link rel="icon" type="image/svg+xml" href="${urlOf('favicon.svg')}">
    <link rel="stylesheet" href="${urlOf('swagger-ui.css')}">
    <link rel="stylesheet" href="${urlOf('page.css')}">
    <link rel="stylesheet" href="${urlOf('reference.css')}">
    <script defer src="${urlOf('swagger-ui-bundle.js')}"></script>
    <script defer src="${urlOf('page.js')}"></script>
  </head>
  <body>
    <header>
      <h1><img src="${urlOf('favicon.svg')}" alt="" width="36" height="36"> Strongbox</h1>
      <p>A wallet for coins, gems and points that never loses, doubles or invents one.</p>
      <nav aria-label="For programs"><a href="openapi.json">OpenAPI document</a></nav>
    </header>
    <main id="reference">
      <noscript>This page needs JavaScript. The <a href="openapi.json">OpenAPI document</a> does not.</noscript>
    </main>
  </body>
</html>
`
}

function urlOf(name: AssetName): string {
  return `docs/${name}?v=${readAsset(name).version}`
}
