// When a page goes and when it comes back from the browser's memory. Does nothing where there are no pages.

export class PageLife {
  readonly #onHide: () => void;
  readonly #onShow: () => void;

  constructor(onHide: () => void, onShow: () => void) {
    this.#onHide = onHide;
    this.#onShow = onShow;
  }

  begin(): void {
    globalThis.addEventListener?.("pagehide", this.#onHide);
    globalThis.addEventListener?.("pageshow", this.#onShow);
  }

  end(): void {
    globalThis.removeEventListener?.("pagehide", this.#onHide);
    globalThis.removeEventListener?.("pageshow", this.#onShow);
  }
}
