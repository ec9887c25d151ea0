// Whether the page is being printed: paper is white, whatever the theme. The style `on-paper` makes the tokens light.

import { useObservable } from "./context";
import { Observable } from "./observable";

const paper = new Observable(false);

function turn(on: boolean): void {
  document.documentElement.classList.toggle("on-paper", on);
  // What is drawn follows before the browser lays the paper out: this is a synchronous change.
  paper.set(on);
}

window.addEventListener("beforeprint", () => turn(true));
window.addEventListener("afterprint", () => turn(false));

export const usePaper = (): boolean => useObservable(paper);
