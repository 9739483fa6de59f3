/** Since March 2026 LocalStack counts its versions by years, and asks every user for an account. */
const FIRST_YEAR_WITH_ACCOUNTS = 2026

/**
 * Whether an image of LocalStack ends at once without a token of an account. One that does not say which version it is
 * moves along with them, and so does by now.
 */
export function needsToken(image: string): boolean {
  const [, tag = ''] = /:([^/@]+)(?:@[^/]+)?$/.exec(image) ?? []
  const version = Number.parseInt(tag, 10)
  return Number.isNaN(version) || version >= FIRST_YEAR_WITH_ACCOUNTS
}
