/** Makes at the first call what every later one gets; what failed is tried again at the next. */
export function once<T>(make: () => T | Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= Promise.resolve()
      .then(make)
      .catch((error: unknown) => {
        made = undefined
        throw error
      })
    return made
  }
}
