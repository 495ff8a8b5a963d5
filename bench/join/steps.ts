/** On the way to the first picture, in the order in which they happen. */
export const STEPS = [
  'page loaded',
  'tracker dialled',
  'tracker socket open',
  'click',
  'candidates',
  'link open',
  'first media',
  'first decode',
  'first picture',
] as const
export type Step = (typeof STEPS)[number]
