import * as z from 'zod'
import { StartFailure } from '../failure.ts'
import { apiUrl } from './place.ts'

export interface Deployed {
  readonly url: string
  readonly apiKeysSecretArn: string
}

/** The API's id is the first part of its name, wherever LocalStack says that it is. */
const API_URL = /^https?:\/\/([a-z0-9]+)\.execute-api\.[^/]+\/([\w-]+)\/?$/

const outputs = z.object({
  'strongbox-dev-data': z.object({ ApiKeysSecretArn: z.string() }),
  'strongbox-dev-service': z.object({ ApiUrl: z.string().regex(API_URL) }),
})

/** What the CDK wrote down when it was done. */
export function readOutputs(text: string): Deployed {
  const read = outputs.safeParse(JSON.parse(text))
  if (!read.success) {
    throw new StartFailure(
      `The outputs of the deployment are not whole: ${z.prettifyError(read.error)}`,
    )
  }
  const { 'strongbox-dev-data': data, 'strongbox-dev-service': service } = read.data
  const [, apiId = '', stageName = ''] = API_URL.exec(service.ApiUrl) ?? []
  return { url: apiUrl(apiId, stageName), apiKeysSecretArn: data.ApiKeysSecretArn }
}
