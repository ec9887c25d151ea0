// Bahasa Indonesia. What is not said here is said in English; `test/languages` knows what that is.

import { PAIRS, UNITS } from "../../generated/indonesian";
import { translator } from "../../model/saying";
import { en } from "../en";
import { spokenOver } from "../spoken";
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

export const said = {
  language: "id",
  locale: "id-ID",
  hubSays: translator(PAIRS, UNITS),
  ...common,
  ...alertTexts,
  devices,
  device,
  deviceChart,
  focus,
  port,
  ...alerting,
  agents,
  clients,
  logs,
  overview,
  account,
  roles,
  customers,
  portal,
  health,
  topology,
  deviceDesk,
  deviceEdit,
  wsTest,
  statusPage,
  users,
  tokens,
  audit,
  settings,
};

export const id = spokenOver(en, said);
