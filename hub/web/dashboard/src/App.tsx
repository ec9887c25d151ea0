// The page: the way in, then the frame that holds everything.

import { NoctuleProvider } from "@noctule/client/hooks";
import { useMemo, type ReactNode } from "react";

import { Frame } from "./Frame";
import { PageContext, useObservable } from "./data/context";
import type { Live } from "./data/live";
import type { Session } from "./data/session";
import { SignIn, SignInAgain } from "./parts/SignIn";
import { Guard, Starting, Unreachable } from "./parts/Trouble";

/** `live` returns the data of the session at hand, null while nobody is signed in. */
export function App({ session, live }: { session: Session; live: () => Live | null }): ReactNode {
  const state = useObservable(session.state);
  switch (state.phase) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable message={state.message} />;
    case "signed-out":
      return <SignIn session={session} />;
    case "signed-in": {
      const current = live();
      if (current === null) return <Starting />;
      return (
        <Guard whole>
          <SignedIn key={`${state.me.subject} ${state.me.role} ${state.me.customerId}`} session={session} live={current} />
          {state.ended ? <SignInAgain session={session} name={state.me.name} /> : null}
        </Guard>
      );
    }
  }
}

function SignedIn({ session, live }: { session: Session; live: Live }): ReactNode {
  const page = useMemo(() => ({ session, live }), [session, live]);
  return (
    <PageContext.Provider value={page}>
      <NoctuleProvider client={live.client} connect={false}>
        <Frame />
      </NoctuleProvider>
    </PageContext.Provider>
  );
}
