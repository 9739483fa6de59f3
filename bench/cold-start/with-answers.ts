/** What a function was while the route table had the schemas of its answers. */
import { handler as deployed } from '../../functions/write/handler.ts'
import { ROUTE_ANSWERS } from '../../lib/http/route-answers.ts'

export const handler = deployed
export const answers = ROUTE_ANSWERS
