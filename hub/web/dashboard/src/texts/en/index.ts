// English. A page with many words has a file of its own here.

import { account, roles, tokens, users } from "./account";
import { audit, settings } from "./admin";
import { agents, clients } from "./agents";
import { alerting } from "./alerting";
import { alertTexts } from "./alerts";
import { common } from "./common";
import { customers, portal } from "./customers";
import { device, deviceChart, focus, port } from "./device";
import { deviceDesk } from "./deviceDesk";
import { deviceEdit } from "./deviceEdit";
import { devices } from "./devices";
import { health } from "./health";
import { logs } from "./logs";
import { overview } from "./overview";
import { statusPage } from "./statusPage";
import { topology } from "./topology";
import { wsTest } from "./wsTest";

export const en = {
  language: "en",
  locale: "en-GB",
  /** What the hub says in a sentence of its own, in this language. */
  hubSays: (text: string): string => text,
  ...common,
  ...alertTexts,
  ...alerting,
  devices,
  device,
  agents,
  clients,
  logs,
  overview,
  wsTest,
  topology,
  statusPage,
  account,
  roles,
  users,
  tokens,
  audit,
  settings,
  health,
  customers,
  portal,
  deviceChart,
  focus,
  port,
  deviceDesk,
  deviceEdit,
};
