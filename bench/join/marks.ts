/** Runs in each page of `bench:join` before the page's own scripts: notes when the steps to the first picture happen. */

import type { Step } from './steps.ts'

declare global {
  /** performance.now() of each step, the first time it happened; after a click, the first time since. */
  var joinMarks: Partial<Record<Step, number>>
}

globalThis.joinMarks = {}

function mark(step: Step): void {
  joinMarks[step] ??= performance.now()
}

addEventListener('load', () => mark('page loaded'))
addEventListener(
  'click',
  () => {
    globalThis.joinMarks = {}
    mark('click')
  },
  { capture: true },
)

/** `seen` runs for each instance made. */
function watch<Name extends 'WebSocket' | 'RTCPeerConnection' | 'VideoDecoder'>(
  name: Name,
  seen: (made: InstanceType<(typeof globalThis)[Name]>) => void,
): void {
  const plain = globalThis[name] as unknown as new (...args: unknown[]) => object
  const watched = new Proxy(plain, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget)
      seen(made as InstanceType<(typeof globalThis)[Name]>)
      return made
    },
  })
  Object.assign(globalThis, { [name]: watched })
}

watch('WebSocket', socket => {
  mark('tracker dialled')
  socket.addEventListener('open', () => mark('tracker socket open'))
})

watch('RTCPeerConnection', connection => {
  // A page dials only once it was told whom.
  mark('candidates')
  const create = connection.createDataChannel.bind(connection)
  connection.createDataChannel = (label, options) => {
    const channel = create(label, options)
    if (label === 'media') channel.addEventListener('open', () => mark('link open'))
    if (label === 'media' || label === 'repair')
      channel.addEventListener('message', () => mark('first media'))
    return channel
  }
})

watch('VideoDecoder', decoder => {
  const decode = decoder.decode.bind(decoder)
  decoder.decode = chunk => {
    mark('first decode')
    decode(chunk)
  }
})

const draw = CanvasRenderingContext2D.prototype.drawImage
CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...args: unknown[]) {
  if (args[0] instanceof VideoFrame) mark('first picture')
  return Reflect.apply(draw, this, args)
}
