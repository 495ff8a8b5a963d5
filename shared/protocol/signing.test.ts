import { expect, test } from 'vitest'
import { SIGNING_CONTEXTS, signingInput } from './signing.ts'

test('W-SIG-1 the signed bytes are the context, a zero byte, and the parts', () => {
  const input = signingInput('edge', Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3))
  expect(Buffer.from(input).toString('latin1')).toBe('vilokanam/edge/1\0\x01\x02\x03')
})

test('W-SIG-1 no context is another one, and none holds the zero byte that ends it', () => {
  const contexts: string[] = Object.values(SIGNING_CONTEXTS)
  expect(new Set(contexts).size).toBe(contexts.length)
  for (const context of contexts) expect(context).toMatch(/^vilokanam\/[a-z0-9-]+\/\d+$/)
})
