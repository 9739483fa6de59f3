/** What a function was that sent anything with `node:http` itself: as a module, that one brings all of `fetch` along. */
import { request } from 'node:http'
import { handler as deployed } from '../../functions/write/handler.ts'

export const handler = deployed
export const send = request
