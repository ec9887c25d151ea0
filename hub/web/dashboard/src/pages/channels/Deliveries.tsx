// What was and is to be sent on channels.

import { useMemo, useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { at, setQuery, useRoute } from "../../data/route";
import { useList } from "../../data/useList";
import { useQuery } from "../../data/useQuery";
import type { Channel, Delivery } from "../../model/channels";
import { instant } from "../../model/format";
import { Answered, Blank } from "../../parts/Answered";
import { DataTable, type Column } from "../../parts/DataTable";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { texts } from "../../texts";
import { OneDelivery, State } from "./OneDelivery";

const STATES = ["queued", "failed", "delivered", "dead"] as const;
const PAGE = 200;
const NEWEST = 8;
const EVERY_MS = 5_000;

export function Deliveries({ channels }: { channels: readonly Channel[] }): ReactNode {
  const { query } = useRoute();
  const [open, setOpen] = useState<number | null>(null);
  const state = STATES.find((one) => one === query.get("state")) ?? null;
  const { answer, more, older } = useList<Delivery>(`/deliveries?limit=${PAGE}${state === null ? "" : `&state=${state}`}`, { everyMs: EVERY_MS });
  const words = texts.channels.deliveries;
  const columns = useColumns(channels);
  return (
    <>
      <div className="segments page-segments delivery-states">
        <button type="button" aria-pressed={state === null} onClick={() => setQuery({ state: "" })}>
          {words.any}
        </button>
        {STATES.map((one) => (
          <button key={one} type="button" aria-pressed={state === one} onClick={() => setQuery({ state: one })}>
            {words.states[one]}
          </button>
        ))}
      </div>
      <Answered answer={answer} empty={({ items }) => (items.length > 0 || state !== null ? null : <Blank heading={words.empty} lead={words.emptyLead} />)}>
        {({ items }) => (
          <>
            <DataTable label={texts.channels.tabs.deliveries} columns={columns} rows={items} keyOf={(delivery) => delivery.id} onOpen={(delivery) => setOpen(delivery.id)} testId="delivery-table" onEnd={more ? older : undefined} />
            {items.length === 0 ? null : <p className="dim delivery-more">{words.listed(items.length, more)}</p>}
          </>
        )}
      </Answered>
      {open === null ? null : <OneDelivery id={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function useColumns(channels: readonly Channel[]): readonly Column<Delivery>[] {
  const nowMs = useNow();
  const words = texts.channels.deliveries;
  const heads = words.columns;
  return useMemo(
    () => [
      { key: "state", head: heads.state, narrow: "104px", width: "120px", cell: (delivery) => <State state={delivery.state} />, sort: (delivery) => delivery.state },
      { key: "title", head: heads.title, narrow: "minmax(0, 1fr)", width: "minmax(180px, 1.4fr)", cell: (delivery) => delivery.title, sort: (delivery) => delivery.title },
      { key: "channel", head: heads.channel, width: "minmax(90px, 0.6fr)", cell: (delivery) => channels.find(({ id }) => id === delivery.channelId)?.name ?? texts.pick.gone(delivery.channelId) },
      { key: "kind", head: heads.kind, width: "80px", cell: (delivery) => texts.alert.deliveryKinds[delivery.kind] ?? delivery.kind, sort: (delivery) => delivery.kind },
      { key: "created", head: heads.created, width: "100px", cell: (delivery) => <Time ms={Date.parse(delivery.createdAt)} nowMs={nowMs} />, sort: (delivery) => Date.parse(delivery.createdAt) },
      { key: "tries", head: heads.tries, width: "56px", align: "end", cell: (delivery) => delivery.attempts, sort: (delivery) => delivery.attempts },
      {
        key: "next",
        head: heads.next,
        width: "80px",
        cell: (delivery) => {
          const nextMs = instant(delivery.nextAt);
          return nextMs === null ? "–" : <Time ms={nextMs} nowMs={nowMs} />;
        },
      },
      { key: "outcome", head: heads.outcome, width: "minmax(180px, 1.4fr)", cell: (delivery) => (delivery.outcome === null ? "–" : texts.hubSays(delivery.outcome)) },
    ],
    [nowMs, heads, words, channels],
  );
}

export function NewestDeliveries({ channelId }: { channelId: number }): ReactNode {
  const nowMs = useNow();
  const answer = useQuery<{ items: Delivery[] }>(`/channels/${channelId}/deliveries?limit=${NEWEST}`, { everyMs: EVERY_MS });
  return (
    <Answered answer={answer} empty={({ items }) => (items.length === 0 ? <p className="dim">{texts.channels.deliveries.empty}.</p> : null)}>
      {({ items }) => (
        <ul className="plain-list">
          {items.map((delivery) => (
            <li key={delivery.id} className="hop">
              <State state={delivery.state} />
              <Link to={at("alerts", delivery.alertId)}>{delivery.title}</Link>
              <span className="dim">
                <Time ms={Date.parse(delivery.createdAt)} nowMs={nowMs} /> {texts.hubSays(delivery.outcome ?? "")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Answered>
  );
}
