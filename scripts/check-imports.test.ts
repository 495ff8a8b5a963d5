import { expect, test } from 'vitest'
import { checkSources } from './check-imports.ts'

test('H-1 an import against the direction is named', () => {
  const faults = checkSources([{ path: 'shared/a.ts', text: "import { x } from '../tracker/b.ts'" }])
  expect(faults).toEqual(['shared/a.ts: shared/ may not import tracker/b.ts'])
  expect(
    checkSources([{ path: 'tracker/a.ts', text: "import { x } from '../client/engine/b.ts'" }]),
  ).toHaveLength(1)
  expect(checkSources([{ path: 'client/engine/a.ts', text: "import('../ui/b.ts')" }])).toHaveLength(1)
  expect(checkSources([{ path: 'client/ui/a.ts', text: "export { x } from '../engine/b.ts'" }])).toEqual([])
})

test('H-2 a cycle is named with its path, also one of types', () => {
  const faults = checkSources([
    { path: 'shared/a.ts', text: "import type { B } from './b.ts'" },
    { path: 'shared/b.ts', text: "import { a } from './a.ts'" },
  ])
  expect(faults).toEqual(['import cycle: shared/a.ts → shared/b.ts → shared/a.ts'])
})

test('H-3 shared/ may not read a clock, draw chance, or bring in a package with I/O', () => {
  expect(checkSources([{ path: 'shared/a.ts', text: 'const t = Date.now()' }])).toHaveLength(1)
  expect(checkSources([{ path: 'shared/a.ts', text: 'const r = Math.random()' }])).toHaveLength(1)
  expect(checkSources([{ path: 'shared/a.ts', text: "import { readFile } from 'node:fs'" }])).toHaveLength(1)
  expect(
    checkSources([{ path: 'shared/a.ts', text: '// Date.now() is not used\nconst t = env.nowMs' }]),
  ).toEqual([])
})
