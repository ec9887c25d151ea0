// Connect, see, join, send, measure.

import { useEffect, useState, type FormEvent, type ReactNode } from "react";

import { useObservable } from "../data/context";
import { messageOf, type Session } from "../data/session";
import { Glyph, Mark } from "../parts/Glyph";
import { delay } from "../model/format";
import { texts } from "../texts";
import { SAMPLE_NAMES, SAMPLES, type SampleName } from "./samples";
import { TestConnection } from "./connection";

const t = texts.wsTest;

export function WsTest({ session }: { session: Session }): ReactNode {
  const [connection] = useState(() => new TestConnection());
  useEffect(() => {
    void session.start();
    return () => connection.close();
  }, [session, connection]);
  return (
    <main className="ws">
      <header className="ws-head">
        <Mark />
        <h1>{t.heading}</h1>
        <p>{t.lead}</p>
        <a className="link" href="/">
          {t.back}
        </a>
      </header>
      <div className="ws-tools">
        <Connect connection={connection} session={session} />
        <Rooms connection={connection} />
        <Send connection={connection} session={session} />
      </div>
      <Arrivals connection={connection} />
    </main>
  );
}

function Connect({ connection, session }: { connection: TestConnection; session: Session }): ReactNode {
  const link = useObservable(connection.link);
  const state = useObservable(session.state);
  const [token, setToken] = useState("");
  const [roundTrip, setRoundTrip] = useState<string | null>(null);
  const phase = link?.phase ?? "idle";
  const ping = async (): Promise<void> => {
    try {
      const { value, unit } = delay(((await connection.client?.ping()) ?? Number.NaN) / 1000);
      setRoundTrip(t.roundTrip(`${value} ${unit}`));
    } catch {
      setRoundTrip(t.noAnswer);
    }
  };
  return (
    <section>
      <h2>{t.connection}</h2>
      <p className="ws-state" role="status" data-testid="ws-state" data-phase={phase}>
        <Glyph status={phase === "live" ? "online" : phase === "idle" ? "unknown" : "degraded"} />
        {texts.link.words[phase]}
        {phase === "live" ? <span className="dim"> {t.transport(connection.client?.transport ?? "")}</span> : null}
        {link?.reason ? <span className="dim"> {texts.hubSays(link.reason)}</span> : null}
      </p>
      <div className="ws-buttons">
        {state.phase === "signed-in" ? (
          <button type="button" className="button" data-testid="ws-connect-session" onClick={() => void session.token().then((own) => connection.open(own))}>
            {t.connectAs(state.me.name)}
          </button>
        ) : null}
        <button type="button" className="button" data-testid="ws-connect-anonymous" onClick={() => connection.open(null)}>
          {t.connectAnonymously}
        </button>
        <button type="button" className="button" data-testid="ws-disconnect" disabled={link === null} onClick={() => connection.close()}>
          {t.disconnect}
        </button>
        <button type="button" className="button" data-testid="ws-ping" disabled={phase !== "live"} onClick={() => void ping()}>
          {t.ping}
        </button>
        {roundTrip === null ? null : (
          <span className="num" data-testid="ws-round-trip">
            {roundTrip}
          </span>
        )}
      </div>
      <form
        className="ws-row"
        onSubmit={(event) => {
          event.preventDefault();
          connection.open(token.trim());
        }}
      >
        <input
          type="password"
          autoComplete="off"
          value={token}
          aria-label={t.token}
          placeholder={t.token}
          data-testid="ws-token"
          onChange={(event) => setToken(event.target.value)}
        />
        <button type="submit" className="button" data-testid="ws-connect-token" disabled={token.trim() === ""}>
          {t.connectWithToken}
        </button>
      </form>
    </section>
  );
}

function Rooms({ connection }: { connection: TestConnection }): ReactNode {
  const rooms = useObservable(connection.rooms);
  const link = useObservable(connection.link);
  const [room, setRoom] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    connection.join(room.trim());
    setRoom("");
  };
  return (
    <section>
      <h2>{t.rooms}</h2>
      <p className="dim">{t.roomsHelp}</p>
      <form className="ws-row" onSubmit={submit}>
        <input value={room} aria-label={t.room} placeholder="device:1" data-testid="ws-room" onChange={(event) => setRoom(event.target.value)} />
        <button type="submit" className="button" data-testid="ws-join" disabled={link?.phase !== "live" || room.trim() === ""}>
          {t.join}
        </button>
      </form>
      <ul className="ws-rooms">
        {rooms.map((name) => (
          <li key={name}>
            <span className="mono">{name}</span>
            <button type="button" className="button small" onClick={() => connection.leave(name)}>
              {t.leave}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Send({ connection, session }: { connection: TestConnection; session: Session }): ReactNode {
  const state = useObservable(session.state);
  const [told, setTold] = useState<string | null>(null);
  const able = state.phase === "signed-in" && state.me.role === "admin";
  const send = async (event: SampleName): Promise<void> => {
    try {
      const data = SAMPLES[event].data(new Date().toISOString());
      const answer = await session.ask<{ message: string }>("/api/test/emit-test", { method: "POST", body: { event, data } });
      setTold(answer.message);
    } catch (error) {
      setTold(messageOf(error));
    }
    connection.note("sent", { event });
  };
  return (
    <section>
      <h2>{t.send}</h2>
      <p className="dim">{able ? t.sendHelp : t.sendNot}</p>
      <div className="ws-buttons">
        {SAMPLE_NAMES.map((event) => (
          <button
            key={event}
            type="button"
            className="button small"
            disabled={!able}
            data-testid={`ws-send-${event}`}
            onClick={() => void send(event)}
          >
            {event}
          </button>
        ))}
      </div>
      {told === null ? null : (
        <p role="status" data-testid="ws-sent">
          {told}
        </p>
      )}
    </section>
  );
}

function Arrivals({ connection }: { connection: TestConnection }): ReactNode {
  const seen = useObservable(connection.seen);
  const [paused, setPaused] = useState<typeof seen | null>(null);
  const shown = paused ?? seen;
  return (
    <section className="ws-arrivals">
      <header>
        <h2>{t.arrived}</h2>
        <span className="num" data-testid="ws-total">
          {seen.total}
        </span>
        <span className="dim num">
          {Object.entries(seen.byName)
            .map(([name, n]) => `${name} ${n}`)
            .join(" · ")}
        </span>
        <button type="button" className="button small" aria-pressed={paused !== null} onClick={() => setPaused(paused === null ? seen : null)}>
          {paused === null ? t.pause : t.goOn(seen.total - shown.total)}
        </button>
        <button type="button" className="button small" onClick={() => connection.clear()}>
          {t.clear}
        </button>
      </header>
      {shown.total === 0 ? <p className="dim">{t.nothing}</p> : null}
      <ol tabIndex={0} aria-label={t.arrived}>
        {shown.last.map(({ n, atMs, name, text }) => (
          <li key={n} data-testid="ws-event" data-event={name}>
            <time dateTime={new Date(atMs).toISOString()}>{new Date(atMs).toISOString().slice(11, 23)}</time>
            <span className="ws-name">{name}</span>
            <code>{text}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}
