export { createClient, ANSWER_MS, QUIET_MS, type ClientOptions, type NoctuleClient } from "./client.js";
export { IDLE, type LinkPhase, type LinkState } from "./link.js";
export { misfit } from "./shape.js";
export * from "./events.js";
