import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net'

/** What IANA has set aside for anything but the public internet. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Of IPv6, the public part is one range. In it lie tunnels, which can lead to any IPv4 address, and examples. */
const PUBLIC_IPV6 = ['2000::/3']
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const notPublicIpv4 = ranges(NOT_PUBLIC_IPV4, 'ipv4')
const publicIpv6 = ranges(PUBLIC_IPV6, 'ipv6')
const notPublicIpv6 = ranges(NOT_PUBLIC_IPV6, 'ipv6')

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicIpv4.check(address)
  return publicIpv6.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6')
}

/** False for an address of the inside, true for a name: nobody knows where that leads before it is looked up. */
export function mayBePublic({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || isPublicAddress(host)
}

/**
 * Looks a name up as `net` does, and finds public addresses only. What is found here is what is connected to: a
 * check that comes before would leave time to change the answer.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    const [first, ...others] = addresses.filter(({ address }) => isPublicAddress(address))
    if (!first) return callback(notPublic(), [])
    answer(callback, options.all === true, [first, ...others])
  })
}

function answer(
  callback: Parameters<LookupFunction>[2],
  wantsAll: boolean,
  addresses: readonly [LookupAddress, ...LookupAddress[]],
): void {
  if (wantsAll) callback(null, [...addresses])
  else callback(null, addresses[0].address, addresses[0].family)
}

export const NOT_PUBLIC = 'EADDRNOTPUBLIC'

function notPublic(): NodeJS.ErrnoException {
  return Object.assign(new Error('the name has no public address'), { code: NOT_PUBLIC })
}

function ranges(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}
