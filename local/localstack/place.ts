const PORT = 4566
/** The one that `cdklocal` takes. */
const REGION = 'us-east-1'
/** A name that every name server knows as 127.0.0.1, and LocalStack's own, inside of containers, as LocalStack. */
const HOST = `localhost.localstack.cloud:${PORT}`

/** Where LocalStack answers on this machine, whatever the name server says. */
export const LOCALSTACK_URL = `http://127.0.0.1:${PORT}`

/** For the CDK, which puts the names of buckets in front of it. */
export const ENDPOINTS = {
  AWS_ENDPOINT_URL: `http://${HOST}`,
  AWS_ENDPOINT_URL_S3: `http://s3.${HOST}`,
} as const

/** The account that LocalStack gives to whoever comes with credentials that are no account's. */
export const ENVIRONMENT = `aws://000000000000/${REGION}`

/** Its clients, made of this, can reach nothing but LocalStack. */
export const LOCALSTACK_CLIENT = {
  endpoint: LOCALSTACK_URL,
  region: REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
} as const

const KEYS_BUCKET = 'strongbox-dev-issuer'
const KEYS_OBJECT = 'jwks.json'

/** Where functions on LocalStack find the keys of the issuer on this machine: by https, as those of any issuer. */
export const ISSUER_KEYS = {
  bucket: KEYS_BUCKET,
  object: KEYS_OBJECT,
  url: `https://s3.${HOST}/${KEYS_BUCKET}/${KEYS_OBJECT}`,
} as const

/** What is kept of a deployment, out of the way of what `npm start` keeps. */
export const FOLDER = '.local/localstack'

/** As one calls an API there. That the URL says which API it is, is how the stage stays the first part of the path. */
export function apiUrl(apiId: string, stageName: string): string {
  return `http://${apiId}.execute-api.${HOST}/${stageName}`
}
