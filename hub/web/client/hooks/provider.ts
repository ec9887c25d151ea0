// Hands the page's one client to the hooks.

import { createContext, createElement, useContext, useEffect, type ReactNode } from "react";

import type { NoctuleClient } from "../src/index.js";

const ClientContext = createContext<NoctuleClient | null>(null);

export interface ProviderProps {
  client: NoctuleClient;
  /** Whether mounting connects; false leaves the moment to whoever created the client. */
  connect?: boolean;
  children?: ReactNode;
}

/** Makes `client` the one that every hook below uses, and connects it. Closing it is left to whoever created it. */
export function NoctuleProvider({ client, connect = true, children }: ProviderProps): ReactNode {
  useEffect(() => {
    if (connect) client.connect();
  }, [client, connect]);
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** Returns the page's client. Throws when there is no NoctuleProvider above. */
export function useClient(): NoctuleClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("no client: put <NoctuleProvider client={createClient(…)}> above this component");
  return client;
}
