// What stands around every page: rail, top bar, link bar, events and toasts; and which page it is.

import { Suspense, useState, type ReactNode } from "react";

import { inUtc } from "./data/clock";
import { useObservable, usePage } from "./data/context";
import { at, go, setQuery, useRoute, type PageName } from "./data/route";
import { useScrollMemory } from "./data/scroll";
import { settings } from "./data/settings";
import { entryOf, pagesOf, REGISTRY } from "./pages/registry";
import { Blank, Waiting } from "./parts/Answered";
import { Discard } from "./parts/Discard";
import { Help } from "./parts/Help";
import { useKeys } from "./parts/keys";
import { LinkBar } from "./parts/LinkState";
import { PrintHead } from "./parts/PrintHead";
import { Rail } from "./parts/Rail";
import { Strip } from "./parts/Strip";
import { Toasts } from "./parts/Toasts";
import { Guard } from "./parts/Trouble";
import { TopBar } from "./parts/TopBar";
import { Link } from "./parts/Link";
import { texts } from "./texts";

export function Frame(): ReactNode {
  const { live } = usePage();
  const { place, query } = useRoute();
  const { railOpen } = useObservable(settings);
  const [help, setHelp] = useState(false);
  useScrollMemory();
  const pages = pagesOf(live.role);
  const entry = entryOf(pages, place.page);
  useKeys((key, before) => {
    const wanted = before === "g" ? pages.find((one) => one.key === key) : undefined;
    if (wanted !== undefined) go(at(wanted.page));
    else if (key === "?") setHelp(true);
    else if (key === "u") inUtc.set(!inUtc.get());
    else if (key === "Escape") {
      if (place.id !== null || place.part === "new") go(at(place.page));
      else if (query.get("q")) setQuery({ q: "" });
    }
  });
  const wall = query.has("wall");
  return (
    <div className={`frame${railOpen ? "" : " rail-closed"}${wall ? " wall" : ""}`}>
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      {wall ? null : <Rail onHelp={() => setHelp(true)} />}
      {wall ? null : <TopBar />}
      <PrintHead />
      <LinkBar />
      <main className="content" id="content" data-page={entry?.page ?? place.page}>
        {entry === null ? (
          <NoPage forbidden={REGISTRY.some(({ page }) => page === place.page)} home={pages[0]?.page ?? "overview"} />
        ) : (
          // The rail leads away from a page that fails.
          <Guard key={entry.page}>
            <Suspense fallback={<Waiting />}>
              <entry.component id={place.id} part={place.part} />
            </Suspense>
          </Guard>
        )}
      </main>
      {wall || !live.staff ? null : <Strip brief={entry?.strip !== true || place.part !== null} />}
      {wall ? null : <Toasts />}
      <Discard />
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </div>
  );
}

/** A page that there is, but not for this role, says so: whoever sent the address meant well. */
function NoPage({ forbidden, home }: { forbidden: boolean; home: PageName }): ReactNode {
  const { live } = usePage();
  const [heading, lead] = forbidden ? [texts.answer.forbidden, texts.answer.forbiddenHelp(live.role)] : [texts.answer.gone, texts.answer.goneHelp];
  return (
    <Blank heading={heading} lead={lead} testId={forbidden ? "forbidden" : "gone"}>
      <Link to={at(home)} className="button">
        {texts.answer.home}
      </Link>
    </Blank>
  );
}
