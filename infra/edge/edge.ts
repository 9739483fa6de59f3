import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { ApiFunction } from '../../lib/http/routes.ts'
import type { Edge, Settings } from '../settings.ts'
import type { Doors } from './door.ts'
import { createHttpEdge } from './http-edge.ts'
import { createRestEdge } from './rest-edge.ts'

type CreateEdge = (
  scope: Construct,
  settings: Settings,
  functions: Record<ApiFunction, IFunction>,
) => Doors

/** The handlers cannot tell which one a request came through. */
export const CREATE_EDGE: Readonly<Record<Edge, CreateEdge>> = {
  http: createHttpEdge,
  rest: createRestEdge,
}
