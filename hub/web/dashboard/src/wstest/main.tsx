// The page behind /ws-test: a plain client of the hub, to see what arrives and to send test events.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Session } from "../data/session";
import { applyTheme, settings } from "../data/settings";
import { speak } from "../texts";
import "../styles/tokens.css";
import "../styles/base.css";
import "../wstest.css";
import { WsTest } from "./WsTest";

applyTheme();
await speak(settings.get().language);
const session = new Session(() => undefined);
const root = document.getElementById("root");
if (root === null) throw new Error("ws-test.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <WsTest session={session} />
  </StrictMode>,
);
