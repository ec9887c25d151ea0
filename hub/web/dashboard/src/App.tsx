// The page: the way in, then the frame that holds everything.

import { NoctuleProvider } from "@noctule/client/hooks";
import { useEffect, useMemo, useState, type ReactNode } from "react";

import { PageContext, useObservable, usePage } from "./data/context";
import type { Live } from "./data/live";
import { go, setQuery, useRoute } from "./data/route";
import { settings } from "./data/settings";
import type { Session } from "./data/session";
import { AlertsPage } from "./parts/AlertsPage";
import { DeviceList } from "./parts/DeviceList";
import { DevicePanel } from "./parts/DevicePanel";
import { EmptyList, FailedList, LoadingList } from "./parts/Empty";
import { Help } from "./parts/Help";
import { useKeys } from "./parts/keys";
import { LinkBar } from "./parts/LinkState";
import { Rail } from "./parts/Rail";
import { SignIn } from "./parts/SignIn";
import { Strip } from "./parts/Strip";
import { Toasts } from "./parts/Toasts";
import { TopBar } from "./parts/TopBar";
import { Guard, Starting, Unreachable } from "./parts/Trouble";
import { texts } from "./texts";

/** `live` returns the data of the session at hand, null while nobody is signed in. */
export function App({ session, live }: { session: Session; live: () => Live | null }): ReactNode {
  const state = useObservable(session.state);
  switch (state.phase) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable message={state.message} />;
    case "signed-out":
      return <SignIn session={session} ended={state.ended} />;
    case "signed-in": {
      const current = live();
      if (current === null) return <Starting />;
      return (
        <Guard>
          <SignedIn session={session} live={current} />
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

function Frame(): ReactNode {
  const { place, query } = useRoute();
  const { railOpen } = useObservable(settings);
  const [help, setHelp] = useState(false);
  const deviceId = place.page === "devices" ? place.deviceId : null;
  useKeys((key, before) => {
    if (key === "?") setHelp(true);
    else if (before === "g" && key === "d") go({ page: "devices", deviceId: null });
    else if (before === "g" && key === "a") go({ page: "alerts" });
    else if (key === "Escape" && !help) {
      if (deviceId !== null) go({ page: "devices", deviceId: null });
      else if (query.get("q")) setQuery("q", "");
    }
  });
  useEffect(() => {
    document.documentElement.classList.toggle("panel-open", deviceId !== null);
  }, [deviceId]);
  return (
    <div className={`frame${railOpen ? "" : " rail-closed"}${deviceId === null ? "" : " with-panel"}`}>
      <a className="skip" href="#list">
        {texts.skip}
      </a>
      <Rail onHelp={() => setHelp(true)} />
      <TopBar />
      <LinkBar />
      <main className="content">
        {place.page === "alerts" ? <AlertsPage /> : <Devices openId={deviceId} />}
        <Strip />
      </main>
      {deviceId === null ? null : <DevicePanel id={deviceId} />}
      <Toasts />
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </div>
  );
}

function Devices({ openId }: { openId: number | null }): ReactNode {
  const { live } = usePage();
  const load = useObservable(live.fleet.load);
  useObservable(live.fleet.revision);
  if (load.phase === "loading") return <LoadingList />;
  if (load.phase === "failed") return <FailedList message={load.message} onRetry={() => void live.reload()} />;
  return live.fleet.all().length === 0 ? <EmptyList /> : <DeviceList openId={openId} />;
}
