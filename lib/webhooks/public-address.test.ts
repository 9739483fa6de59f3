import { expect, test } from 'vitest'
import { isPublicAddress, lookupPublic, mayBePublic, NOT_PUBLIC } from './public-address.ts'

test.each(['1.1.1.1', '52.94.236.248', '172.15.0.1', '172.32.0.1', '2600:1f18::1', '2a00:1450::5'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'ff02::1',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each([
  ['https://127.0.0.1', false],
  ['https://0x7f.1', false],
  ['https://2130706433', false],
  ['https://[::1]:8443', false],
  ['https://[::ffff:169.254.169.254]', false],
  ['https://1.1.1.1', true],
  ['https://shop.example.com', true],
])('%s may be sent to: %s', (url, expected) => {
  expect(mayBePublic(new URL(url))).toBe(expected)
})

function look(hostname: string, options: { readonly all: boolean }) {
  return new Promise((resolve) => {
    lookupPublic(hostname, options, (error, address, family) =>
      resolve(error ? error.code : [address, family]),
    )
  })
}

test.each([{ all: true }, { all: false }])(
  'a name that leads inside is not found (%j)',
  async (options) => {
    expect(await look('localhost', options)).toBe(NOT_PUBLIC)
  },
)

test('any other is found in the form that was asked for', async () => {
  const one = await look('1.1.1.1', { all: false })
  const all = await look('1.1.1.1', { all: true })

  expect(one).toEqual(['1.1.1.1', 4])
  expect(all).toEqual([[{ address: '1.1.1.1', family: 4 }], undefined])
})
