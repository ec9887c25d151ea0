// Written by tools/dashboard_tables.py from core/alerting/conditions.py; change it there.
// Every kind of condition, in the hub's order, with its figures: in what they are written, the hub's
// default and bounds in the hub's own unit (shares from 0 to 1, times in seconds).

import type { Kind } from "../model/rules";

export const KINDS: readonly Kind[] = [
  { kind: "device-offline", about: "device", parameters: [] },
  { kind: "device-unreachable", about: "device", parameters: [] },
  { kind: "device-degraded", about: "device", parameters: [] },
  { kind: "device-flapping", about: "device", parameters: [] },
  { kind: "rebooted", about: "device", parameters: [
    { key: "holdS", unit: "s", fallback: 900, least: 1, most: 86400, whole: true },
  ] },
  { kind: "high-latency", about: "device", parameters: [
    { key: "timesUsual", unit: "times", fallback: 3, least: 1, most: 1000 },
    { key: "clearTimesUsual", unit: "times", fallback: 2, least: 1, most: 1000, clears: true },
    { key: "aboveUsualS", unit: "ms", fallback: 0.02, least: 1e-6, most: 60 },
    { key: "clearAboveUsualS", unit: "ms", fallback: 0.015, least: 1e-6, most: 60, clears: true },
    { key: "limitS", unit: "ms", fallback: 0.25, least: 1e-6, most: 60, optional: true },
    { key: "clearLimitS", unit: "ms", fallback: 0.2, least: 1e-6, most: 60, optional: true, clears: true },
  ] },
  { kind: "high-loss", about: "device", parameters: [
    { key: "lossRatio", unit: "percent", fallback: 0.2, least: 1e-6, most: 1 },
    { key: "clearRatio", unit: "percent", fallback: 0.05, least: 1e-6, most: 1, clears: true },
    { key: "windowS", unit: "s", fallback: 60, least: 10, most: 900, whole: true },
  ] },
  { kind: "interface-down", about: "interface", parameters: [] },
  { kind: "interface-flapping", about: "interface", parameters: [] },
  { kind: "link-changed", about: "interface", parameters: [
    { key: "holdS", unit: "s", fallback: 3600, least: 1, most: 86400, whole: true },
  ] },
  { kind: "high-utilisation", about: "interface", parameters: [
    { key: "utilRatio", unit: "percent", fallback: 0.9, least: 1e-6, most: 1 },
    { key: "clearRatio", unit: "percent", fallback: 0.8, least: 1e-6, most: 1, clears: true },
  ] },
  { kind: "high-errors", about: "interface", parameters: [
    { key: "errorRatio", unit: "percent", fallback: 0.01, least: 1e-6, most: 1 },
    { key: "clearRatio", unit: "percent", fallback: 0.001, least: 1e-6, most: 1, clears: true },
    { key: "least", unit: "count", fallback: 10, least: 1, most: 1000000, whole: true },
  ] },
  { kind: "high-discards", about: "interface", parameters: [
    { key: "discardRatio", unit: "percent", fallback: 0.01, least: 1e-6, most: 1 },
    { key: "clearRatio", unit: "percent", fallback: 0.001, least: 1e-6, most: 1, clears: true },
    { key: "least", unit: "count", fallback: 100, least: 1, most: 1000000, whole: true },
  ] },
  { kind: "over-committed", about: "interface", parameters: [
    { key: "timesCommitted", unit: "percent", fallback: 1, least: 1e-6, most: 100 },
    { key: "clearTimes", unit: "percent", fallback: 0.98, least: 1e-6, most: 100, clears: true },
  ] },
  { kind: "agent-silent", about: "agent", parameters: [] },
  { kind: "agent-contested", about: "agent", parameters: [] },
  { kind: "clock-skew", about: "agent", parameters: [
    { key: "skewS", unit: "s", fallback: 5, least: 1e-6, most: 86400 },
    { key: "clearS", unit: "s", fallback: 2, least: 1e-6, most: 86400, clears: true },
  ] },
  { kind: "storage-low", about: "hub", parameters: [
    { key: "freeRatio", unit: "percent", fallback: 0.1, least: 1e-6, most: 1 },
    { key: "clearRatio", unit: "percent", fallback: 0.15, least: 1e-6, most: 1, clears: true },
  ] },
];
