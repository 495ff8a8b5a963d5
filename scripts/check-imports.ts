/**
 * Fails on an import that points the wrong way, on a cycle, and on I/O or a clock in `shared/` (docs/architecture.md).
 * `check-imports.test.ts` shows each rule red.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Which areas a file of an area may import from, itself always included. The first matching prefix names the area. */
const AREAS: readonly { readonly prefix: string; readonly mayImport: readonly string[] }[] = [
  { prefix: 'shared/', mayImport: [] },
  { prefix: 'tracker/', mayImport: ['shared/'] },
  { prefix: 'devchain/', mayImport: ['shared/'] },
  { prefix: 'client/engine/', mayImport: ['shared/'] },
  { prefix: 'client/ui/', mayImport: ['shared/', 'client/engine/'] },
  { prefix: 'client/headless/', mayImport: ['shared/', 'client/engine/', 'tracker/', 'devchain/'] },
]
/** Packages that `shared/` may use: pure functions over bytes, no I/O. */
const PURE_PACKAGES = [
  'protons-runtime',
  'uint8arrays',
  'uint8arraylist',
  'multiformats',
  'uint8-varint',
  '@noble/curves',
  '@noble/hashes',
  '@scure/sr25519',
]
const IMPURE =
  /\b(Date\.now|new Date\b|Math\.random|setTimeout|setInterval|fetch\(|console\.|performance\.now|crypto\.subtle|globalThis)/

export type SourceFile = { readonly path: string; readonly text: string }

/** One sentence per fault; empty when all is well. `path`s are relative to the repository, with forward slashes. */
export function checkSources(files: readonly SourceFile[]): string[] {
  const faults: string[] = []
  const graph = new Map<string, string[]>()
  for (const { path, text } of files) {
    const area = AREAS.find(({ prefix }) => path.startsWith(prefix))
    if (area === undefined) continue
    const isTest = path.endsWith('.test.ts') || path.endsWith('/fuzz.ts')
    const code = stripComments(text)
    const targets: string[] = []
    for (const specifier of importsOf(code)) {
      if (!specifier.startsWith('.')) {
        const isPure = PURE_PACKAGES.some(name => specifier === name || specifier.startsWith(`${name}/`))
        if (area.prefix === 'shared/' && !isTest && !isPure)
          faults.push(`${path}: shared/ may not import ${specifier}`)
        continue
      }
      const target = join(dirname(path), specifier).split('\\').join('/')
      targets.push(target)
      const isAllowed = [area.prefix, ...area.mayImport].some(prefix => target.startsWith(prefix))
      if (!isAllowed && !isTest) faults.push(`${path}: ${area.prefix} may not import ${target}`)
    }
    if (!isTest) graph.set(path, targets)
    if (area.prefix === 'shared/' && !isTest && !path.includes('/generated/')) {
      const impure = IMPURE.exec(code)
      if (impure !== null) faults.push(`${path}: shared/ is pure, but uses ${impure[1]}`)
    }
  }
  faults.push(...cyclesIn(graph))
  return faults
}

/** Imports that exist at run time and those of types alike: a cycle of types is a cycle of thought. */
function importsOf(code: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ]
  return patterns.flatMap(pattern =>
    [...code.matchAll(pattern)].flatMap(match =>
      match[1] === undefined ? [] : [match[1].split('?')[0] ?? ''],
    ),
  )
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      faults.push(`import cycle: ${[...trail.slice(at), path].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return faults
}

function sourcesBelow(root: string): SourceFile[] {
  return AREAS.flatMap(({ prefix }) =>
    readdirSync(join(root, prefix), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
      .map(entry => join(entry.parentPath, entry.name)),
  ).map(file => ({ path: relative(root, file).split('\\').join('/'), text: readFileSync(file, 'utf8') }))
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const files = sourcesBelow(fileURLToPath(new URL('..', import.meta.url)))
  const faults = checkSources(files)
  for (const fault of faults) console.error(fault)
  if (faults.length === 0) console.log(`imports: ${files.length} files, one way, no cycle, shared/ pure`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
