// A page of one's own on a hub: signs in with a token that it keeps in localStorage, as the guide does.

import { NoctuleProvider } from "@noctule/client/hooks";
import { StrictMode, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

import { Screen } from "./Screen";
import { SignIn } from "./SignIn";
import "./app.css";

const url = import.meta.env.NEXT_PUBLIC_API_URL ?? "http://localhost:5000";
const wsUrl = import.meta.env.NEXT_PUBLIC_WS_URL ?? url;

function App(): ReactNode {
  const [token, setToken] = useState(() => localStorage.getItem("token"));
  if (token === null) {
    return (
      <SignIn
        onToken={(given) => {
          localStorage.setItem("token", given);
          setToken(given);
        }}
      />
    );
  }
  return (
    <NoctuleProvider options={{ url, wsUrl, getToken: () => localStorage.getItem("token") }}>
      <Screen
        onSignOut={() => {
          localStorage.removeItem("token");
          setToken(null);
        }}
      />
    </NoctuleProvider>
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
