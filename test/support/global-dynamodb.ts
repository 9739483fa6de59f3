import type { TestProject } from 'vitest/node'
import { startDynamoDb } from '../../local/dynamodb.ts'

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string
    stacksEndpoint: string
  }
}

/**
 * Two of DynamoDB Local for the whole run, because each needs seconds before it is quick. In one, each test works in a
 * table of its own, whatever its credentials; in the other, each stack works in a database of its own, because its
 * tables have always the same names.
 */
export default async function setup(project: TestProject) {
  const [shared, apart] = await Promise.all([startDynamoDb({}), startDynamoDb({ isApart: true })])
  project.provide('dynamoDbEndpoint', shared.endpoint)
  project.provide('stacksEndpoint', apart.endpoint)
  return async () => {
    await Promise.all([shared.stop(), apart.stop()])
  }
}
