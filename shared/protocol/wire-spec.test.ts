import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as limits from './limits.ts'
import { LEAVE_CODES, REFUSE_CODES } from './peer-message.ts'
import { ROOM_REFUSE_CODES } from './room-message.ts'
import { SIGNING_CONTEXTS } from './signing.ts'
import {
  EXAMPLE_PEER_MESSAGES,
  EXAMPLES_FROM_TRACKER,
  EXAMPLES_TO_TRACKER,
} from './testing/message-examples.ts'

const spec = readFileSync(join(import.meta.dirname, '../../docs/spec/wire.md'), 'utf8')

/** First cells of the rows under the header that begins with `title`, without their back-ticks. */
function firstCells(title: string): string[] {
  const lines = spec
    .slice(spec.indexOf(`\n| ${title} |`) + 1)
    .split('\n')
    .slice(2)
  const rows = lines.slice(
    0,
    lines.findIndex(line => !line.startsWith('|')),
  )
  return rows.map(row => row.split('|')[1]?.trim().replaceAll('`', '') ?? '')
}

test('W-LIMIT-1 the table of limits says what the code does', () => {
  const rows = [...spec.matchAll(/^\| `([A-Z0-9_]+)` \| ([\d,]+) \|$/gm)]
  const table = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value?.replaceAll(',', ''))]))
  expect(table).toEqual({ ...limits })
})

test('W-MSG-1 the table of peer messages has every kind, and no other', () => {
  expect(firstCells('kind')).toEqual(Object.keys(EXAMPLE_PEER_MESSAGES))
  expect(spec).toContain(`\`refuse\` codes, from 1: ${REFUSE_CODES.join(', ')}.`)
  expect(spec).toContain(`\`leave\` codes, from 1: ${LEAVE_CODES.join(', ')}.`)
})

test('W-ROOM-1 the tables of tracker messages have every kind, and no other', () => {
  expect(firstCells('to a tracker')).toEqual(Object.keys(EXAMPLES_TO_TRACKER))
  expect(firstCells('from a tracker')).toEqual(Object.keys(EXAMPLES_FROM_TRACKER))
  expect(spec.replaceAll('\n', ' ')).toContain(`\`refused\` codes, from 1: ${ROOM_REFUSE_CODES.join(', ')}.`)
})

test('W-SIG-1 the table of contexts has every one, and no other', () => {
  expect(firstCells('context').toSorted()).toEqual(Object.values(SIGNING_CONTEXTS).toSorted())
})
