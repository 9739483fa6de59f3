import { expect, test } from 'vitest'
import { parseEndpoints, wants } from './endpoints.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const SHOP = { id: 'shop', url: 'https://shop.example.com/hooks', secrets: [SECRET] }

const parse = (...endpoints: object[]) => parseEndpoints(JSON.stringify({ endpoints }))

test('an endpoint has a name, a URL and a secret, and gets all events', () => {
  const [shop] = parse(SHOP)

  expect(shop).toEqual(SHOP)
  expect(shop && wants(shop, { type: 'wallet.frozen' })).toBe(true)
})

test('an endpoint that names events gets those', () => {
  const [shop] = parse({ ...SHOP, events: ['fraud.flagged'] })

  const wanted = (['fraud.flagged', 'wallet.frozen'] as const).map(
    (type) => shop && wants(shop, { type }),
  )
  expect(wanted).toEqual([true, false])
})

test('while secrets rotate there are two', () => {
  const other = `whsec_${Buffer.alloc(24, 8).toString('base64')}`

  expect(parse({ ...SHOP, secrets: [other, SECRET] })).toHaveLength(1)
})

test.each([
  'http://localhost:3000/hooks',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'https://10.1.2.3/hooks',
])('%s can be an endpoint', (url) => {
  expect(parse({ ...SHOP, url })).toHaveLength(1)
})

test.each([
  'http://shop.example.com/hooks',
  'http://localhost.example.com',
  'https://user:password@shop.example.com',
  'ftp://shop.example.com',
  'shop.example.com',
  '',
])('%j cannot', (url) => {
  expect(() => parse({ ...SHOP, url })).toThrow('endpoints.0.url')
})

test.each([
  [{ ...SHOP, id: '' }, 'endpoints.0.id'],
  [{ ...SHOP, secrets: [] }, 'endpoints.0.secrets'],
  [{ ...SHOP, secrets: [SECRET, SECRET, SECRET] }, 'endpoints.0.secrets'],
  [{ ...SHOP, secrets: ['whsec_c2hvcnQ='] }, 'endpoints.0.secrets.0'],
  [{ ...SHOP, secrets: [SECRET.slice('whsec_'.length)] }, 'endpoints.0.secrets.0'],
  [{ ...SHOP, events: [] }, 'endpoints.0.events'],
  [{ ...SHOP, events: ['transaction.postd'] }, 'endpoints.0.events.0'],
  [{ ...SHOP, event: ['fraud.flagged'] }, 'endpoints.0'],
])('what is wrong is said by its place, and without the secret: %#', (endpoint, place) => {
  expect(() => parse(endpoint)).toThrow(place)
  expect(() => parse(endpoint)).not.toThrow(/whsec_|BwcHBw/)
})

test('two endpoints have two names', () => {
  expect(() => parse(SHOP, SHOP)).toThrow('endpoints')
})

test('what is no JSON is not quoted', () => {
  expect(() => parseEndpoints(`{"endpoints":[{"secrets":["${SECRET}"`)).toThrow('all of it')
})
