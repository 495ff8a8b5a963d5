import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** $CHROMIUM, else where Linux distributions put it. Throws with what to do when there is none. */
export function findChromium(): string {
  const named = process.env['CHROMIUM']
  for (const path of named === undefined ? PATHS : [named]) {
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here: look at the next.
    }
  }
  throw new Error(
    named === undefined
      ? 'No Chromium was found. Install it (Debian, Ubuntu: apt install chromium) or name one in the environment variable CHROMIUM.'
      : `CHROMIUM names ${named}, which cannot be run. Let it name a Chromium or Chrome executable.`,
  )
}

export type LaunchOptions = {
  /** A fake camera, microphone and screen with permission for them (default), the same with permission refused, or none. */
  readonly fakeMedia?: boolean | 'refused'
  /** Sound starts without a click. Default true. */
  readonly autoplay?: boolean
  /** More command-line flags. */
  readonly args?: readonly string[]
}

/** The caller closes it. */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update']
  args.push('--disable-sync', '--no-first-run')
  if (options.fakeMedia !== false) args.push('--use-fake-device-for-media-stream')
  if (options.fakeMedia !== 'refused') args.push('--use-fake-ui-for-media-stream')
  const needsClick = options.autoplay === false
  args.push(
    `--autoplay-policy=${needsClick ? 'document-user-activation-required' : 'no-user-gesture-required'}`,
  )
  args.push(...(options.args ?? []))
  return chromium.launch({ executablePath: findChromium(), headless: true, chromiumSandbox: false, args })
}
