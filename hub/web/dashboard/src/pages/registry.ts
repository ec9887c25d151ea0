// The pages: who may see each, where it stands in the rail, and where its code is. Code is loaded when it is shown.

import { lazy, type ComponentType } from "react";

import type { PageName } from "../data/route";
import type { IconName } from "../parts/Glyph";

export type Role = "admin" | "operator" | "viewer" | "customer" | "billing" | "metrics" | "agent";
export type Group = "watch" | "run" | "manage" | "own";

export interface PageProps {
  readonly id: number | null;
  readonly part: string | null;
}

export interface PageEntry {
  readonly page: PageName;
  readonly group: Group;
  /** The latest events stand under it, not the newest alone. */
  readonly strip?: true;
  readonly roles: readonly Role[];
  /** null: it is reached from other pages only. */
  readonly icon: IconName | null;
  /** The key that follows `g`. */
  readonly key?: string;
  readonly component: ComponentType<PageProps>;
}

const STAFF: readonly Role[] = ["admin", "operator", "viewer"];
const OPERATORS: readonly Role[] = ["admin", "operator"];
const ADMINS: readonly Role[] = ["admin"];
const CUSTOMER_KEEPERS: readonly Role[] = ["admin", "operator", "billing"];

export const REGISTRY: readonly PageEntry[] = [
  { page: "overview", group: "watch", strip: true, roles: STAFF, icon: "overview", key: "o", component: lazy(() => import("./overview/OverviewPage")) },
  { page: "devices", group: "watch", strip: true, roles: STAFF, icon: "devices", key: "d", component: lazy(() => import("./devices/DevicesPage")) },
  { page: "topology", group: "watch", strip: true, roles: STAFF, icon: "topology", key: "t", component: lazy(() => import("./topology/TopologyPage")) },
  { page: "interfaces", group: "watch", roles: STAFF, icon: null, component: lazy(() => import("./interface/InterfacePage")) },
  { page: "alerts", group: "watch", strip: true, roles: STAFF, icon: "alerts", key: "a", component: lazy(() => import("./alerts/AlertsPage")) },
  { page: "incidents", group: "watch", strip: true, roles: STAFF, icon: null, component: lazy(() => import("./incidents/IncidentsPage")) },
  { page: "logs", group: "watch", roles: STAFF, icon: "logs", key: "l", component: lazy(() => import("./logs/LogsPage")) },
  { page: "rules", group: "run", roles: STAFF, icon: "rules", component: lazy(() => import("./rules/RulesPage")) },
  { page: "silences", group: "run", roles: STAFF, icon: "silences", component: lazy(() => import("./silences/SilencesPage")) },
  { page: "maintenance", group: "run", roles: STAFF, icon: "maintenance", component: lazy(() => import("./maintenance/MaintenancePage")) },
  { page: "channels", group: "run", roles: ADMINS, icon: "channels", component: lazy(() => import("./channels/ChannelsPage")) },
  { page: "policies", group: "run", roles: OPERATORS, icon: "policies", component: lazy(() => import("./policies/PoliciesPage")) },
  { page: "agents", group: "run", roles: STAFF, icon: "agents", component: lazy(() => import("./agents/AgentsPage")) },
  { page: "clients", group: "run", roles: OPERATORS, icon: "clients", component: lazy(() => import("./clients/ClientsPage")) },
  { page: "statuspage", group: "manage", roles: ADMINS, icon: "statuspage", component: lazy(() => import("./statuspage/StatusPageEditor")) },
  { page: "customers", group: "manage", roles: CUSTOMER_KEEPERS, icon: "customers", key: "c", component: lazy(() => import("./customers/CustomersPage")) },
  { page: "users", group: "manage", roles: ADMINS, icon: "users", key: "u", component: lazy(() => import("./users/UsersPage")) },
  { page: "tokens", group: "manage", roles: ADMINS, icon: "tokens", component: lazy(() => import("./tokens/TokensPage")) },
  { page: "audit", group: "manage", roles: ADMINS, icon: "audit", component: lazy(() => import("./audit/AuditPage")) },
  { page: "settings", group: "manage", roles: OPERATORS, icon: "settings", key: "s", component: lazy(() => import("./settings/SettingsPage")) },
  { page: "services", group: "own", roles: ["customer"], icon: "services", component: lazy(() => import("./services/ServicesPage")) },
];

/** Pages of people who may change things; said once so that pages and parts agree. */
export const MAY_OPERATE: ReadonlySet<string> = new Set(OPERATORS);
export const MAY_ADMINISTER: ReadonlySet<string> = new Set(ADMINS);

/** Returns the page at an address among those that somebody may see, null when it is none of them. Home is the first of them. */
export function entryOf(pages: readonly PageEntry[], name: PageName): PageEntry | null {
  return pages.find(({ page }) => page === name) ?? (name === "overview" ? (pages[0] ?? null) : null);
}

export function pagesOf(role: string): readonly PageEntry[] {
  return REGISTRY.filter(({ roles }) => (roles as readonly string[]).includes(role));
}
