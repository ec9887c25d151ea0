// Starts the page. The session and its live data live outside of React, which may mount things twice.

// Before any part's own: what parts build on.
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/page.css";
import "./styles/parts.css";
import "./styles/beside.css";
import "./styles/people.css";
import "./styles/print.css";
import "./styles/contrast.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { Live } from "./data/live";
import { Session } from "./data/session";
import { applyTheme, settings } from "./data/settings";
import { tellWholeWords } from "./parts/wholeWords";
import { speak } from "./texts";

applyTheme();
tellWholeWords();
await speak(settings.get().language);

let live: Live | null = null;
const session = new Session((token) => live?.reauth(token));
session.state.listen(() => {
  const state = session.state.get();
  const me = state.phase === "signed-in" ? state.me : null;
  // Somebody else sees another page; the same person goes on with the one at hand.
  if (live !== null && (me === null || !live.isOf(me))) {
    live.stop();
    live = null;
  }
  if (me === null || state.phase !== "signed-in" || state.ended) return;
  if (live === null) {
    live = new Live(session, me, location.origin);
    live.start();
  } else live.goOn();
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App session={session} live={() => live} />
  </StrictMode>,
);
void session.start();
