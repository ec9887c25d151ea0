import { misfit } from "@noctule/client";
import { expect, test } from "vitest";

import { SAMPLE_NAMES, SAMPLES } from "../src/wstest/samples";

const NOW = "2026-05-05T01:12:00.000Z";

test.each(SAMPLE_NAMES.map((name) => [name]))("the test page's %s is whole once the hub has put the time to it", (name) => {
  const { event, data } = SAMPLES[name];
  expect(misfit(event, { timestamp: NOW, ...data(NOW), test: true })).toBeNull();
});
