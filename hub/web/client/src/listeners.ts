// Functions that are told of something, each as often as it was added.

export class Listeners<A extends unknown[]> {
  readonly #all = new Set<(...args: A) => void>();

  /** Returns what takes it away again. */
  add(listener: (...args: A) => void): () => void {
    // A wrapper of its own, so that one function added twice is told twice and removed once.
    const wrapper = (...args: A): void => listener(...args);
    this.#all.add(wrapper);
    return () => void this.#all.delete(wrapper);
  }

  /** Tells all; one that throws keeps none of the others from being told, and is reported as uncaught. */
  tell(...args: A): void {
    for (const listener of [...this.#all]) {
      try {
        listener(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
