import { expect, test } from 'vitest'
import { readKeptKey, withKey } from './kept-key.ts'

const KEY = { id: 'canary', secret: 'NJhq6ywzXSRyKM8rHX7o3DpPVR4Qev6MZrNfXW9gEoM=' }

test.each(['{}', '{"usagePlanKey":"a-key"}'])('%s is no key yet', (text) => {
  const key = readKeptKey(text)

  expect(key).toBeUndefined()
})

test.each(['{}', JSON.stringify({ ...KEY, id: 'another' })])(
  'a key can take the place of %s',
  (text) => {
    const written = withKey(text, KEY)

    expect(readKeptKey(written)).toEqual(KEY)
  },
)

test.each([
  '',
  '[]',
  '{"version":1,"keys":[]}',
  JSON.stringify({ ...KEY, secret: KEY.secret.slice(1) }),
  JSON.stringify({ ...KEY, scopes: [] }),
  JSON.stringify(KEY).slice(1),
])('%j is refused, and not quoted', (text) => {
  const read = () => readKeptKey(text)
  const replace = () => withKey(text, KEY)

  expect(read).toThrow(/^this is no key to sign with: \{"id": …, "secret": …\}$/)
  expect(replace).toThrow('this is no key to sign with')
})
