// Of DedicatedWorkerGlobalScope; its library and the page's do not go together in one TypeScript project.
declare function postMessage(message: unknown): void

/** Sends a message every so many ms (the first message it gets says how many), without drifting. */
globalThis.addEventListener('message', (event: MessageEvent<number>) => {
  const everyMs = event.data
  let nextMs = performance.now()
  const send = () => {
    postMessage(0)
    // After a pause (a sleeping machine) it goes on from now, and does not make up for what was missed.
    nextMs = Math.max(nextMs + everyMs, performance.now() - everyMs)
    setTimeout(send, nextMs - performance.now())
  }
  send()
})
