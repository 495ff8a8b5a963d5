import { fileURLToPath } from 'node:url'
import { build } from 'vite'

let script: Promise<string> | undefined

/** page-probe.ts as one script that a page can be given before its own. Made once. */
export function probeScript(): Promise<string> {
  script ??= bundle()
  return script
}

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./page-probe.ts', import.meta.url))
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'vkProbeScript' } },
  })
  const [bundled] = Array.isArray(output) ? output : [output]
  if (bundled === undefined || !('output' in bundled)) throw new Error('the probe was not bundled')
  return bundled.output[0].code
}
