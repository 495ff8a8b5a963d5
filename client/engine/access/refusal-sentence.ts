import type { RefusalCode } from './access-contract.ts'

/** What the page says, with the next step. */
export function refusalSentence(code: RefusalCode, retryMs: number): string {
  switch (code) {
    case 'not-funded':
      return 'The creator has not seen your payment session on the chain yet. The picture comes as soon as a block holds it; nothing needs to be done.'
    case 'unpaid':
      return 'The creator waits for your payments to arrive on the chain. The picture goes on by itself once they do; if it does not, check that the chain can be reached and the budget is not used up.'
    case 'superseded':
      return 'Another player goes on with this payment session. Close it there, or start a new session here.'
    case 'too-soon':
      return `This payment session was moved to another player a moment ago. It can be moved again in ${Math.ceil(retryMs / 1_000)} s.`
    case 'chain-down':
      return 'The creator cannot see the chain at the moment, so nobody can be shown the stream. It goes on by itself; no seconds are paid until then.'
    case 'gap':
      return 'The creator could not read some blocks, so your payments are not all counted yet. The picture comes back once they are read; nothing is lost.'
  }
}
