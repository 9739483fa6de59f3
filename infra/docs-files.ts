import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs'

const PAGE = 'functions/docs/assets'
const SWAGGER_UI = 'node_modules/swagger-ui-dist'

/** Of the 12 MB of the package, what functions/docs/assets.ts reads, and what goes with every copy of it. */
const OF_SWAGGER_UI = [
  'package.json',
  'LICENSE',
  'NOTICE',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
]

/** In every shell the same. */
const COPY = 'node -e "fs.cpSync(process.argv[1], process.argv[2], { recursive: true })"'

/** The page to read and try the API is made of files, and a bundler takes modules only. */
export const docsFiles: ICommandHooks = {
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (root, bundle) => [
    `${COPY} "${root}/${PAGE}" "${bundle}/assets"`,
    ...OF_SWAGGER_UI.map(
      (file) => `${COPY} "${root}/${SWAGGER_UI}/${file}" "${bundle}/${SWAGGER_UI}/${file}"`,
    ),
  ],
}
