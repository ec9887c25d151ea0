// A value that can be listened to: the client's own, under the name that everything here knows it by.

export { Observable } from "@noctule/client";
