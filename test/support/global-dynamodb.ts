import type { TestProject } from 'vitest/node'
import { startDynamoDb } from '../../local/dynamodb.ts'

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string
  }
}

/** One DynamoDB Local for the whole run; each test works in a table of its own. */
export default async function setup(project: TestProject) {
  const dynamoDb = await startDynamoDb({})
  project.provide('dynamoDbEndpoint', dynamoDb.endpoint)
  return dynamoDb.stop
}
