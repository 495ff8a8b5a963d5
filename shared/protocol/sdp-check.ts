import { fingerprintBytes } from './fingerprint.ts'
import {
  CANDIDATE_MAX_CHARS,
  CANDIDATES_PER_CONNECTION_MAX,
  SDP_MAX_BYTES,
  SDP_MID_MAX_CHARS,
} from './limits.ts'
import { WireError } from './wire-error.ts'

/** Printable ASCII; in an SDP also the two characters that end a line. Every character is then one byte. */
const LINE_TEXT = /^[\x20-\x7e]*$/
const SDP_TEXT = /^[\x20-\x7e\r\n]*$/
const DATA_SECTION = /^m=application \d{1,5} (?:UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/
const FINGERPRINT_LINE = 'a=fingerprint:'

/**
 * What a peer may hand to a WebRTC stack: one section, for data, and one DTLS certificate, by its SHA-256. Lines are
 * taken to end at either character, as the most lenient reader behind us might. Throws WireError.
 */
export function checkSdp(sdp: string): void {
  if (sdp.length > SDP_MAX_BYTES) throw new WireError('too-large', `SDP of ${sdp.length} characters`)
  if (!SDP_TEXT.test(sdp)) throw new WireError('bad-field', 'SDP with control or non-ASCII characters')
  const lines = sdp.split(/[\r\n]+/)
  if (lines[0] !== 'v=0') throw new WireError('bad-field', 'this is not SDP')
  const sections = lines.filter(line => /^\s*m/i.test(line))
  if (sections.length !== 1 || !DATA_SECTION.test(sections[0] ?? '')) {
    throw new WireError('bad-field', 'SDP with other than one data section')
  }
  const fingerprints = lines.filter(line => line.startsWith(FINGERPRINT_LINE))
  if (new Set(fingerprints).size !== 1)
    throw new WireError('bad-field', 'SDP with other than one fingerprint')
  fingerprintBytes(fingerprints[0]?.slice(FINGERPRINT_LINE.length) ?? '')
  const candidates = lines.filter(line => line.startsWith('a=candidate:'))
  if (candidates.length > CANDIDATES_PER_CONNECTION_MAX)
    throw new WireError('too-large', 'SDP with many candidates')
}

/** One candidate line without `a=`; empty text ends the candidates. Throws WireError. */
export function checkCandidate(candidate: string, sdpMid: string, sdpMLineIndex: number): void {
  if (candidate.length > CANDIDATE_MAX_CHARS || sdpMid.length > SDP_MID_MAX_CHARS) {
    throw new WireError('too-large', `candidate of ${candidate.length} characters`)
  }
  if (!LINE_TEXT.test(candidate) || !LINE_TEXT.test(sdpMid)) {
    throw new WireError('bad-field', 'candidate of more than a line of ASCII')
  }
  if (candidate !== '' && !candidate.startsWith('candidate:')) throw new WireError('bad-field', 'candidate')
  if (sdpMLineIndex !== 0) throw new WireError('bad-field', 'candidate for a section that is not there')
}
