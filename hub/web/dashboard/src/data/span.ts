// The time that the charts of a page show, kept in the address so that all of them and every colleague see the same.

import { useMemo } from "react";

import { lengthWord, spanOf, SHORTEST_MS, type Span } from "../model/span";
import { useNow } from "./clock";
import { setQuery, useRoute } from "./route";

/** A live chart moves on this often; more would only read the same rows again. */
const STEP_MS = 10_000;

export interface ChosenSpan {
  readonly span: Span;
  /** The word of the length, null while zoomed. */
  readonly word: string | null;
  readonly zoom: (fromMs: number, toMs: number) => void;
  readonly choose: (word: string) => void;
  readonly reset: () => void;
}

export function useSpan(fallback = "1h"): ChosenSpan {
  const { query } = useRoute();
  const step = Math.ceil(useNow() / STEP_MS);
  const text = query.toString();
  return useMemo(() => {
    const span = spanOf(query, step * STEP_MS, fallback);
    return {
      span,
      word: lengthWord(query, fallback),
      zoom: (fromMs, toMs) => {
        if (toMs - fromMs >= SHORTEST_MS) setQuery({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)), span: "" });
      },
      choose: (word) => setQuery({ span: word === fallback ? "" : word, from: "", to: "" }),
      reset: () => setQuery({ from: "", to: "" }),
    };
    // The text stands for the query.
  }, [text, step, fallback]);
}
