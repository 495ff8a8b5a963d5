import { ed25519 } from '@noble/curves/ed25519.js'
import type { ApiPromise } from '@polkadot/api'
import {
  type Bytes,
  expandMetadata,
  GenericExtrinsic,
  Metadata,
  type Option,
  TypeRegistry,
} from '@polkadot/types'
import assetHub from '@polkadot/types-support/metadata/v15/asset-hub-polkadot-hex'
import assetHubVersion from '@polkadot/types-support/metadata/v15/asset-hub-polkadot-ver'
import { hexToU8a } from '@polkadot/util'
import { beforeAll, expect, it } from 'vitest'
import { hexText } from '../../../shared/protocol/hex.ts'
import { multisigAccount } from './multisig-account.ts'
import { decodeBlock } from './polkadot-block.ts'
import { polkadotCalls } from './polkadot-calls.ts'
import { signExtrinsic } from './polkadot-extrinsic.ts'
import { suiteSigner } from './testing/chain-port-suite.ts'

/**
 * The local chain's runtime is older than any public one, so what is signed and read there proves little about them:
 * here the same code runs on the metadata of Polkadot Asset Hub, offline.
 */
const registry = new TypeRegistry()
let api: ApiPromise
beforeAll(() => {
  const opaque = registry.createType('Option<OpaqueMetadata>', hexToU8a(assetHub)) as unknown as Option<Bytes>
  const metadata = new Metadata(registry, opaque.unwrap().toHex())
  registry.setMetadata(metadata)
  const { tx } = expandMetadata(registry, metadata)
  const runtimeVersion = registry.createType('RuntimeVersion', assetHubVersion)
  const genesisHash = registry.createType('Hash', `0x${'68'.repeat(32)}`)
  const wrapped = Object.fromEntries(
    Object.entries(tx).map(([pallet, methods]) => [
      pallet,
      Object.fromEntries(
        Object.entries(methods).map(([name, make]) => [
          name,
          (...args: unknown[]) => ({ method: make(...args) }),
        ]),
      ),
    ]),
  )
  api = { registry, tx: wrapped, runtimeVersion, genesisHash } as unknown as ApiPromise
})

const [wallet, session, payout] = [suiteSigner(1), suiteSigner(2), suiteSigner(3)]
const era = { birth: { number: 7_654_321, hash: `0x${'ab'.repeat(32)}` }, period: 64 }

it('C-META-1 our calls exist on Polkadot Asset Hub, with the arguments we give', () => {
  const calls = polkadotCalls(api)
  const payment = calls.asMultiThreshold1(wallet.account, calls.transfer(payout.account, 10n ** 20n))
  const decoded = registry.createType('Call', payment)
  expect(`${decoded.section}.${decoded.method}`).toBe('multisig.asMultiThreshold1')
  expect(decoded.toHuman()).toMatchObject({ args: { call: { method: 'transferAllowDeath' } } })
  const all = calls.batchAll([
    calls.transferKeepAlive(payout.account, 1n),
    calls.transferAll(payout.account),
    calls.remarkWithEvent(new Uint8Array(84)),
  ])
  expect(registry.createType('Call', all).toHuman()).toMatchObject({
    method: 'batchAll',
    args: {
      calls: [{ method: 'transferKeepAlive' }, { method: 'transferAll' }, { method: 'remarkWithEvent' }],
    },
  })
  expect(multisigAccount(wallet.account, session.account)).toMatch(/^0x[0-9a-f]{64}$/)
})

it('C-META-2 what is signed there decodes to the same signer, nonce, era and call, and the signature holds', async () => {
  const call = polkadotCalls(api).transfer(payout.account, 12_345_678_901n)
  let signedBytes = new Uint8Array()
  const noting = {
    ...session,
    sign: (payload: Uint8Array) => {
      signedBytes = payload.slice()
      return session.sign(payload)
    },
  }
  const { bytes, hash, lastBlock } = await signExtrinsic(api, call, noting, { nonce: 77, era })
  const read = new GenericExtrinsic(registry, bytes)
  expect(read.isSigned).toBe(true)
  expect(hexText(read.signer.value.toU8a())).toBe(session.account)
  expect(read.nonce.toNumber()).toBe(77)
  expect(read.method.toU8a()).toEqual(call)
  expect(read.era.isMortalEra).toBe(true)
  expect(read.era.asMortalEra.birth(era.birth.number)).toBe(era.birth.number)
  expect(read.era.asMortalEra.death(era.birth.number)).toBe(lastBlock + 1)
  expect(read.hash.toHex()).toBe(hash)
  expect(registry.signedExtensions).toContain('CheckMetadataHash')
  const key = Uint8Array.from(Buffer.from(session.account.slice(2), 'hex'))
  expect(ed25519.verify(read.signature.toU8a(), signedBytes, key)).toBe(true)
  // The chain's own recipe for what is signed: call ‖ extra ‖ implicit, by hand.
  const implicit = [
    registry.createType('u32', api.runtimeVersion.specVersion).toU8a(),
    registry.createType('u32', api.runtimeVersion.transactionVersion).toU8a(),
    api.genesisHash.toU8a(),
    registry.createType('Hash', era.birth.hash).toU8a(),
    Uint8Array.of(0),
  ]
  const text = hexText(signedBytes)
  expect(text.startsWith(hexText(call))).toBe(true)
  expect(text.endsWith(implicit.map(part => hexText(part).slice(2)).join(''))).toBe(true)
})

it('C-META-3 an era is never immortal, and one that cannot be written is not made', async () => {
  const call = polkadotCalls(api).transferAll(payout.account)
  const sign = (period: number, number = era.birth.number) =>
    signExtrinsic(api, call, session, { nonce: 0, era: { birth: { ...era.birth, number }, period } })
  for (const period of [0, 3, 48, 131_072, Number.NaN]) await expect(sign(period)).rejects.toThrow(RangeError)
  await expect(sign(65_536)).rejects.toThrow(/cannot begin with block/)
  expect((await sign(65_536, 7_654_320)).lastBlock).toBe(7_654_320 + 65_535)
})

it('C-META-4 a block without its events is pruned, not empty', async () => {
  const { bytes } = await signExtrinsic(api, polkadotCalls(api).transferAll(payout.account), session, {
    nonce: 0,
    era,
  })
  const raw = { block: era.birth, parent: era.birth.hash, extrinsics: [hexText(bytes)] }
  for (const events of [undefined, '0x00'])
    expect(() => decodeBlock(registry, { ...raw, events })).toThrow(
      expect.objectContaining({ code: 'state-pruned' }),
    )
  expect(decodeBlock(registry, { ...raw, extrinsics: [], events: undefined }).extrinsics).toEqual([])
})
