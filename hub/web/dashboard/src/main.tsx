// Starts the page. The session and its live data live outside of React, which may mount things twice.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { Live } from "./data/live";
import { Session } from "./data/session";
import { applyTheme } from "./data/settings";
import "./tokens.css";
import "./base.css";
import "./frame.css";
import "./list.css";
import "./panel.css";

applyTheme();

let live: Live | null = null;
const session = new Session((token) => live?.reauth(token));
session.state.listen(() => {
  const state = session.state.get();
  if (state.phase === "signed-in" && live === null) {
    live = new Live(session, state.me.role, location.origin);
    live.start();
  } else if (state.phase !== "signed-in" && live !== null) {
    live.stop();
    live = null;
  }
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App session={session} live={() => live} />
  </StrictMode>,
);
void session.start();
