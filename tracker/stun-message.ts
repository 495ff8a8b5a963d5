/** STUN as RFC 8489 has it, as far as one needs to tell a peer its own address. */
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20
/** Browsers send 20 bytes, or 28 with a fingerprint; nothing that we answer needs more. */
const REQUEST_MAX_BYTES = 548
const FAMILY_IPV4 = 1
const FAMILY_IPV6 = 2

/** The answer to a well-formed binding request from `address` (4 or 16 bytes); undefined for everything else, which is dropped. */
export function answerBinding(
  request: Uint8Array,
  address: readonly number[],
  port: number,
): Buffer | undefined {
  const asked = Buffer.from(request.buffer, request.byteOffset, request.byteLength)
  if (!isBindingRequest(asked)) return undefined
  const value = xorAddress(asked, address, port)
  const answer = Buffer.alloc(HEADER_BYTES + 4 + value.length)
  answer.writeUInt16BE(BINDING_SUCCESS, 0)
  answer.writeUInt16BE(4 + value.length, 2)
  // Cookie and transaction id come back as they were sent.
  asked.copy(answer, 4, 4, HEADER_BYTES)
  answer.writeUInt16BE(XOR_MAPPED_ADDRESS, HEADER_BYTES)
  answer.writeUInt16BE(value.length, HEADER_BYTES + 2)
  value.copy(answer, HEADER_BYTES + 4)
  return answer
}

function isBindingRequest(message: Buffer): boolean {
  if (message.length < HEADER_BYTES || message.length > REQUEST_MAX_BYTES) return false
  if (message.readUInt16BE(0) !== BINDING_REQUEST || message.readUInt32BE(4) !== MAGIC_COOKIE) return false
  const length = message.readUInt16BE(2)
  if (length !== message.length - HEADER_BYTES || length % 4 !== 0) return false
  for (let offset = HEADER_BYTES; offset < message.length; ) {
    if (offset + 4 > message.length) return false
    const padded = (message.readUInt16BE(offset + 2) + 3) & ~3
    offset += 4 + padded
    if (offset > message.length) return false
  }
  return true
}

/** The attribute's value: address and port, masked with the cookie and transaction id (RFC 8489 §14.2). */
function xorAddress(request: Buffer, bytes: readonly number[], port: number): Buffer {
  const value = Buffer.alloc(4 + bytes.length)
  value[1] = bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2)
  for (const [index, byte] of bytes.entries()) value[4 + index] = byte ^ (request[4 + index] ?? 0)
  return value
}
