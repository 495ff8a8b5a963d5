import { expect, it } from 'vitest'
import { streamIdFromBytes } from '../../shared/protocol/ids.ts'
import { parseStreamAddress } from './stream-address.ts'

const id = streamIdFromBytes(new Uint8Array(32).fill(7))

it('H-CLI-1 a stream is named by its id or by the address of its watch page', () => {
  expect(parseStreamAddress(id)).toEqual({ streamId: id, siteUrl: undefined })
  expect(parseStreamAddress(`http://localhost:8080/#/watch/${id}`)).toEqual({
    streamId: id,
    siteUrl: 'http://localhost:8080/',
  })
  expect(parseStreamAddress(`https://a.example/tv/index.html?x=1#/watch/${id}?slots=2`)).toEqual({
    streamId: id,
    siteUrl: 'https://a.example/tv/index.html',
  })
})

it.each(['', 'nonsense', `${id}x`, 'http://localhost:8080/', 'http://localhost:8080/#/watch/zero', 'a/b'])(
  'H-CLI-1 anything else is answered with how it should look: %j',
  text => {
    expect(() => parseStreamAddress(text)).toThrow(/is no stream.*watch page/)
  },
)
