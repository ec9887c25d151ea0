// Rendering where there is no window: on a server, under plain Node.js.

import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";

import {
  NoctuleProvider,
  useAgents,
  useAlerts,
  useBandwidth,
  useDeviceStatus,
  useFreshness,
  useInterfaceStatus,
  useLatency,
  useLink,
  useNetworkLogs,
  usePaymentUpdates,
  useRoom,
  useStatsUpdates,
} from "../../hooks/index.js";
import { createClient } from "../../src/index.js";
import Dashboard from "./Dashboard.js";

const UNREACHED = { url: "http://127.0.0.1:9", wsUrl: "http://127.0.0.1:9" };

test("there is no window here", () => {
  expect([typeof window, typeof document]).toEqual(["undefined", "undefined"]);
});

test("the guide's component renders as not connected, and connects nothing", () => {
  const client = createClient(UNREACHED);
  const html = renderToString(
    <NoctuleProvider client={client}>
      <Dashboard />
    </NoctuleProvider>,
  );
  expect(html).toBe("<div><span>Socket: <!-- -->Disconnected</span></div>");
  expect(client.state.phase).toBe("idle");
});

test("a provider may make the client itself", () => {
  const html = renderToString(
    <NoctuleProvider options={UNREACHED}>
      <Dashboard />
    </NoctuleProvider>,
  );
  expect(html).toContain("Disconnected");
});

function Everything(): string {
  useRoom("device:7");
  return JSON.stringify([
    useAgents(),
    useAlerts(),
    usePaymentUpdates(),
    useNetworkLogs(),
    useStatsUpdates(),
    useDeviceStatus(7) ?? null,
    useInterfaceStatus(3) ?? null,
    useLatency(7) ?? null,
    useBandwidth({ deviceId: 7 }) ?? null,
    useFreshness(),
    useLink().phase,
  ]);
}

test("every hook has a value before anything has come", () => {
  const html = renderToString(
    <NoctuleProvider options={UNREACHED}>
      <Everything />
    </NoctuleProvider>,
  );
  const [agents, alerts, payments, logs, ...rest] = JSON.parse(html.replaceAll("&quot;", '"')) as unknown[];
  expect([agents, alerts, payments, logs]).toEqual([[], [], [], []]);
  expect(rest).toEqual([null, null, null, null, null, { state: "offline", ageMs: null }, "idle"]);
});

test("hooks without a provider say what is missing", () => {
  expect(() => renderToString(<Dashboard />)).toThrow(/NoctuleProvider/u);
});
