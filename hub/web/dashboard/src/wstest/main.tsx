// The page behind /ws-test: a plain client of the hub, to see what arrives and to send test events.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Session } from "../data/session";
import { applyTheme } from "../data/settings";
import "../tokens.css";
import "../base.css";
import "../wstest.css";
import { WsTest } from "./WsTest";

applyTheme();
const session = new Session(() => undefined);
const root = document.getElementById("root");
if (root === null) throw new Error("ws-test.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <WsTest session={session} />
  </StrictMode>,
);
