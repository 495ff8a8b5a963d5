import { expect, it } from 'vitest'
import { Terminal } from './terminal.ts'

function setup(isTTY: boolean) {
  const written: string[] = []
  const time = { nowMs: 0 }
  const out = { isTTY, write: (text: string) => written.push(text) }
  const terminal = new Terminal({ out, err: out, nowMs: () => time.nowMs })
  return { written, time, terminal }
}

it('H-CLI-5 on a terminal the status is one line, rewritten, and other lines pass above it', () => {
  const { written, terminal } = setup(true)
  terminal.status('one')
  terminal.note('Note: look')
  terminal.status('two')
  terminal.close()
  terminal.close()
  const clear = '\r\u001b[2K'
  expect(written.join('')).toBe(`${clear}one${clear}Note: look\none${clear}two\n`)
})

it('H-CLI-5 elsewhere it is a plain line every ten seconds', () => {
  const { written, time, terminal } = setup(false)
  for (; time.nowMs < 21_000; time.nowMs += 1_000) terminal.status(`at ${time.nowMs}`)
  terminal.close()
  expect(written).toEqual(['at 0\n', 'at 10000\n', 'at 20000\n'])
})
