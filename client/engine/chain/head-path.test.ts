import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChainError } from './chain-error.ts'
import { type Head, HeadPath } from './head-path.ts'

/** A tree of blocks: a block's hash names its fork and number. */
function tree() {
  const heads = new Map<string, Head>()
  const add = (number: number, hash: string, parent: string): Head => {
    const head = { block: { number, hash }, parent }
    heads.set(hash, head)
    return head
  }
  const grow = (fork: string, from: number, to: number, parent: string): Head[] =>
    Array.from({ length: to - from + 1 }, (_, index) =>
      add(from + index, `${fork}${from + index}`, index === 0 ? parent : `${fork}${from + index - 1}`),
    )
  let asked = 0
  const path = (tip: () => Head | undefined = () => undefined) =>
    new HeadPath({
      header: async hash => {
        asked += 1
        const head = heads.get(hash)
        if (head === undefined) throw new ChainError('no-such-block', hash)
        return head
      },
      hashAt: async number => {
        let at = tip()
        while (at !== undefined && at.block.number > number) at = heads.get(at.parent)
        return at?.block.hash
      },
    })
  return { heads, grow, path, asked: () => asked }
}

const numbers = (refs: readonly { readonly hash: string }[] | undefined) => refs?.map(({ hash }) => hash)

it('C-HEAD-1 a head on top of the last one retracts nothing and asks nothing', async () => {
  const { grow, path, asked } = tree()
  const line = path()
  for (const head of grow('a', 5, 9, 'a4'))
    expect(await line.advance(head)).toEqual({ block: head.block, retracted: [] })
  expect(asked()).toBe(0)
  expect(line.best).toEqual({ number: 9, hash: 'a9' })
})

it('C-HEAD-2 a fork retracts what it leaves, newest first, also where its first heads were skipped', async () => {
  const { grow, path } = tree()
  const line = path()
  for (const head of grow('a', 1, 6, 'a0')) await line.advance(head)
  const fork = grow('b', 4, 8, 'a3')
  expect(numbers((await line.advance(fork.at(-1) as Head))?.retracted)).toEqual(['a6', 'a5', 'a4'])
  const back = grow('c', 8, 9, 'b7')
  expect(numbers((await line.advance(back.at(-1) as Head))?.retracted)).toEqual(['b8'])
})

it('C-HEAD-3 a long silence costs a bounded number of requests, and retracts what the node no longer has', async () => {
  const { grow, path, asked } = tree()
  const far = grow('a', 1, 3_000, 'a0')
  let tip = far.at(-1)
  const line = path(() => tip)
  for (const head of far.slice(0, 10)) await line.advance(head)
  expect(await line.advance(far.at(-1) as Head)).toMatchObject({ retracted: [] })
  expect(asked()).toBeLessThanOrEqual(256)
  const other = grow('b', 2_999, 6_000, 'a2998')
  tip = other.at(-1)
  expect(numbers((await line.advance(other.at(-1) as Head))?.retracted)).toEqual(['a3000', 'a2999'])
})

it('C-HEAD-4 a request that fails changes nothing: the next head tells it all', async () => {
  const { grow, heads, path } = tree()
  const line = path()
  for (const head of grow('a', 1, 6, 'a0')) await line.advance(head)
  const fork = grow('b', 4, 8, 'a3')
  heads.delete('b6')
  await expect(line.advance(fork[4] as Head)).rejects.toThrow(ChainError)
  expect(line.best?.hash).toBe('a6')
  heads.set('b6', fork[2] as Head)
  expect(numbers((await line.advance(fork[4] as Head))?.retracted)).toEqual(['a6', 'a5', 'a4'])
})

it('C-HEAD-5 whatever forks and skips, told blocks less retracted ones are the ancestors of the head', async () => {
  const step = fc.record({
    depth: fc.nat({ max: 6 }),
    length: fc.integer({ min: 1, max: 8 }),
    told: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
      const { grow, heads, path } = tree()
      const line = path()
      let tip = grow('a', 1, 10, 'a0').at(-1) as Head
      await line.advance(tip)
      const told = new Set([tip.block.hash])
      let fork = 0
      for (const { depth, length, told: isTold } of steps) {
        let base = tip
        for (let up = 0; up < depth && base.block.number > 10; up++) base = heads.get(base.parent) as Head
        tip = grow(`f${fork++}-`, base.block.number + 1, base.block.number + length, base.block.hash).at(
          -1,
        ) as Head
        if (!isTold) continue
        const move = await line.advance(tip)
        for (const { hash } of move?.retracted ?? []) told.delete(hash)
        told.add(tip.block.hash)
        const ancestors = new Set<string>()
        for (let at: Head | undefined = tip; at !== undefined; at = heads.get(at.parent))
          ancestors.add(at.block.hash)
        for (const hash of told) expect(ancestors.has(hash)).toBe(true)
      }
    }),
  )
})
