// Whether a media query holds, as it changes.

import { useCallback, useSyncExternalStore } from "react";

export function useMedia(text: string): boolean {
  const listen = useCallback(
    (listener: () => void) => {
      const list = matchMedia(text);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [text],
  );
  return useSyncExternalStore(listen, () => matchMedia(text).matches);
}
