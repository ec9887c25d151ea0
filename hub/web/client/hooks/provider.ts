// Hands the page's one client to the hooks.

import { createContext, createElement, useContext, type ReactNode } from "react";

import type { NoctuleClient } from "../src/index.js";

const ClientContext = createContext<NoctuleClient | null>(null);

/** Makes `client` the one that every hook below uses. Closing it is left to whoever created it. */
export function NoctuleProvider(props: { client: NoctuleClient; children?: ReactNode }): ReactNode {
  return createElement(ClientContext.Provider, { value: props.client }, props.children);
}

/** Returns the page's client. Throws when there is no NoctuleProvider above. */
export function useClient(): NoctuleClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("no client: put <NoctuleProvider client={createClient(…)}> above this component");
  return client;
}
