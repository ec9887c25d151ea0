import { describe, expect, it } from "vitest";

import { at, hrefOf, parseRoute, pathOf } from "../src/model/place";

describe("addresses", () => {
  it.each([
    ["/", at("overview")],
    ["/devices", at("devices")],
    ["/devices/7", at("devices", 7)],
    ["/devices/7/", at("devices", 7)],
    ["/customers/12/payments", at("customers", 12, "payments")],
    ["/settings/status-page", at("settings", null, "status-page")],
    ["/nothing", at("missing")],
    ["/devices/x", at("devices", null, "x")],
    ["/devices/7/../8", at("missing")],
    ["/devices/9999999999999999", at("missing")],
  ])("reads %s", (path, place) => {
    expect(parseRoute(path, "").place).toEqual(place);
  });

  it.each([at("overview"), at("alerts", 17), at("customers", 12, "payments"), at("settings", null, "zones")])("leads back to %o", (place) => {
    expect(parseRoute(pathOf(place), "").place).toEqual(place);
  });

  it("keeps what was asked for while the page stays, and drops it with the page", () => {
    const from = parseRoute("/devices", "?q=site%3Ahq");
    expect(hrefOf(at("devices", 7), from)).toBe("/devices/7?q=site%3Ahq");
    expect(hrefOf(at("alerts"), from)).toBe("/alerts");
  });
});
