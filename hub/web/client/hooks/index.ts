export { NoctuleProvider, useClient, type ProviderProps } from "./provider.js";
export { useFreshness, useLink, useRoom, useSocket } from "./link.js";
export { useHubEvent, type EventHandler, type HookOptions } from "./values.js";
export * from "./events.js";
