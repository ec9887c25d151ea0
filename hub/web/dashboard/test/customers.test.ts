import { describe, expect, it } from "vitest";
import type { AlertEvent } from "@noctule/client";

import { balances, decimal, findCustomers, millionths, money, troublesOf, type Customer, type Payment, type Service } from "../src/model/customers";

const payment = (customerId: number, status: string, amount: string | null, currency: string | null = "CHF"): Payment => ({ paymentId: `${customerId}-${status}-${amount}`, customerId, status, amount, currency, occurredAt: "", receivedAt: "" });
const service = (deviceId: number, interfaceId: number | null): Service => ({ id: 1, customerId: 1, deviceId, interfaceId, label: "fibre", committedBps: null, since: "", revision: 1 });
const alert = (deviceId: number, interfaceId: number | null, state = "firing"): AlertEvent => ({ id: 1, title: "", severity: "critical", state, deviceId, interfaceId, startedAt: "", timestamp: "" }) as AlertEvent;

describe("amounts", () => {
  it.each([
    ["49.90", 49_900_000n],
    ["-0.000001", -1n],
    ["999999999999999.999999", 999_999_999_999_999_999_999n],
  ])("reads %s exactly and writes it again", (text, value) => {
    expect(millionths(text)).toBe(value);
    expect(millionths(decimal(value))).toBe(value);
  });

  it.each([[null], [""], ["1e3"], ["1,5"], ["NaN"]])("does not take %s for an amount", (text) => {
    expect(millionths(text)).toBeNull();
  });

  it("are shown without losing a digit", () => {
    expect(money("999999999999999.99", "IDR", "en-GB")).toBe("IDR 999,999,999,999,999.99");
    expect(money("0.5", "CHF", "en-GB")).toBe("CHF 0.50");
    expect(money(null, null, "en-GB")).toBe("–");
  });

  it("add up by customer, status and currency, where binary fractions would not", () => {
    const found = balances([payment(1, "paid", "0.1"), payment(1, "paid", "0.2"), payment(1, "failed", null, null), payment(2, "paid", "1", "IDR")]);
    expect(found.get(1)?.map(({ status, count }) => [status, count])).toEqual([["failed", 1], ["paid", 2]]);
    expect(decimal(found.get(1)?.[1]?.sums.get("CHF") ?? 0n)).toBe("0.30");
    expect(found.get(2)?.[0]?.sums.has("CHF")).toBe(false);
  });
});

describe("a customer's troubles", () => {
  it.each([
    ["its port", alert(7, 3), 1],
    ["the device that carries its port", alert(7, null), 1],
    ["another's port of the same device", alert(7, 4), 0],
    ["another device", alert(8, null), 0],
    ["what is over", alert(7, 3, "resolved"), 0],
  ])("of %s", (_name, one, count) => {
    expect(troublesOf([service(7, 3)], [one])).toHaveLength(count);
  });

  it("of a whole device are those of all its ports", () => {
    expect(troublesOf([service(7, null)], [alert(7, 4)])).toHaveLength(1);
  });
});

it("customers are found by all words, in name, reference, number and note", () => {
  const all = [{ id: 1, name: "Alma Ltd", reference: "A-1", note: "" }, { id: 2, name: "Bruno", reference: null, note: "Alma's cousin" }] as Customer[];
  expect(findCustomers(all, "alma").map(({ id }) => id)).toEqual([1, 2]);
  expect(findCustomers(all, "alma a-1").map(({ id }) => id)).toEqual([1]);
  expect(findCustomers(all, "nobody")).toEqual([]);
});
