// What holds for the whole hub, each part under its own address.

import type { ReactNode } from "react";

import { usePage } from "../../data/context";
import { Page, Tabs } from "../../parts/Page";
import { texts } from "../../texts";
import { MAY_ADMINISTER, type PageProps } from "../registry";
import { About } from "./About";
import { Backups } from "./Backups";
import { Health } from "./Health";
import { HubSettings } from "./HubSettings";
import { Sites } from "./Sites";
import "./settings.css";

export default function SettingsPage({ part }: PageProps): ReactNode {
  const { live } = usePage();
  const admin = MAY_ADMINISTER.has(live.role);
  const words = texts.settings.tabs;
  const tabs = [
    { part: null, word: words.hub },
    { part: "sites", word: words.sites }, { part: "health", word: texts.health.tab }, ...(admin ? [{ part: "backups", word: words.backups }] : []), { part: "about", word: words.about }];
  return (
    <Page title={texts.rail.pages.settings} testId="settings">
      <Tabs page="settings" id={null} part={part} tabs={tabs} />
      <div className="settings-part">
        {part === null ? <HubSettings /> : null}
        {part === "sites" ? <Sites /> : null}
        {part === "health" ? <Health /> : null}
        {part === "backups" ? admin ? <Backups /> : <p>{texts.answer.forbidden}</p> : null}
        {part === "about" ? <About /> : null}
      </div>
    </Page>
  );
}
