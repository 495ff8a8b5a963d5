/** A value that Node computes at once and WebCrypto only promises. */
export type MaybePromise<T> = T | Promise<T>

/**
 * Hashing and Ed25519 verification, lent by the shell since `shared/` has no crypto of its own.
 * Node's implementation is synchronous (69 µs a verify, 2.4 µs a digest), the browser's is WebCrypto.
 */
export interface CryptoPort {
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): MaybePromise<Uint8Array>
  /** True iff `signature` (64 bytes) by the Ed25519 `publicKey` (32 bytes) covers `message`. Never throws on bad input. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): MaybePromise<boolean>
}

/** An Ed25519 private key that may be non-extractable. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** Ed25519 signature, 64 bytes. */
  sign(message: Uint8Array): MaybePromise<Uint8Array>
}
