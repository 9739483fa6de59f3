import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Left to itself, a browser looks for updates and much else that no test has asked for. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A real browser without a window, with an empty profile that goes when it is closed. */
export async function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: QUIET })
}

function findChromium(): string {
  const named = process.env['CHROMIUM_PATH']
  // The last is where `npx playwright-core install chromium` puts one.
  const places = named ? [named] : [...USUAL_PLACES, chromium.executablePath()]
  const found = places.find((place) => existsSync(place))
  if (found) return found
  throw new Error(
    named
      ? `There is no Chromium at ${named}, which is what CHROMIUM_PATH says.`
      : 'This test needs Chromium. Install it (apt-get install chromium, or npx playwright-core install ' +
          'chromium), or say in CHROMIUM_PATH where it is.',
  )
}
