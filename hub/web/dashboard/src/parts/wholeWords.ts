// Words that are cut short say themselves whole to whoever rests on them, wherever in the page they stand.

/** So many elements around the one that is pointed at are looked at: a cell, its glyph and word, the word. */
const AROUND = 3;

/** Begins to listen, for as long as the page is there. */
export function tellWholeWords(): void {
  document.addEventListener("pointerover", ({ target }) => {
    let one = target instanceof HTMLElement ? target : null;
    for (let up = 0; one !== null && up < AROUND; up += 1) {
      const mine = one.dataset["whole"] !== undefined;
      // Whatever has a title of its own has more to say than its words.
      if (!mine && one.title !== "") return;
      if (isCut(one)) {
        one.title = one.textContent;
        one.dataset["whole"] = "";
        return;
      }
      if (mine) {
        one.removeAttribute("title");
        delete one.dataset["whole"];
      }
      one = one.parentElement;
    }
  });
}

function isCut(element: HTMLElement): boolean {
  return getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth;
}
