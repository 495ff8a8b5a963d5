/**
 * Why the nodes of this page are of no use to it. A local chain that was started anew has the same genesis and another
 * first block: no choice of a node mends that. Undefined where it is simply another chain. Both as a chain's identity.
 */
export function startedAnewWords(wanted: string, found: string): string | undefined {
  const [genesis, block1] = wanted.split('/')
  if (block1 === undefined || found.split('/')[0] !== genesis) return undefined
  return 'The local chain was started anew since this page was loaded, and what was paid on it is gone with it. Load the page again to use the new one; a stream from before has to go live again.'
}

/** Hashes in a sentence, as far as a person compares them. */
export function shortHashes(text: string): string {
  return text.replaceAll(/0x([0-9a-f]{8})[0-9a-f]+/g, '0x$1…')
}
