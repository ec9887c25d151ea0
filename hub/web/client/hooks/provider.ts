// Hands the page's one client to the hooks.

import { createContext, createElement, useContext, useEffect, useState, type ReactNode } from "react";

import { createClient, type ClientOptions, type NoctuleClient } from "../src/index.js";

const ClientContext = createContext<NoctuleClient | null>(null);

interface Given {
  /** A client made elsewhere. It is connected here, and closed by whoever made it. */
  client: NoctuleClient;
  /** Whether mounting connects; false leaves the moment to whoever created the client. */
  connect?: boolean;
  children?: ReactNode;
}

interface Own {
  /** Makes a client that lives as long as this component. Read once, when it is mounted. */
  options: ClientOptions;
  children?: ReactNode;
}

export type ProviderProps = Given | Own;

/** Makes one client the one that every hook below uses, and connects it. */
export function NoctuleProvider(props: ProviderProps): ReactNode {
  const given = "client" in props ? props.client : null;
  const [own] = useState(() => ("client" in props ? null : createClient(props.options)));
  const client = given ?? own;
  if (client === null) throw new Error("NoctuleProvider was given a client first and none later; keep to one of both");
  const connect = !("client" in props) || props.connect !== false;
  const owned = given === null;
  useEffect(() => {
    if (connect) client.connect();
    return owned ? () => client.close() : undefined;
  }, [client, connect, owned]);
  return createElement(ClientContext.Provider, { value: client }, props.children);
}

/** Returns the page's client. Throws when there is no NoctuleProvider above. */
export function useClient(): NoctuleClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("no client: put <NoctuleProvider options={{ url }}> above this component");
  return client;
}
