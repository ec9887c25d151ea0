// One delivery with each try of it.

import type { ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { at } from "../../data/route";
import { useAction, useQuery } from "../../data/useQuery";
import { deliveryTone, type Delivery } from "../../model/channels";
import { sentence } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { Dialog } from "../../parts/Dialog";
import { Trouble } from "../../parts/Form";
import { Glyph } from "../../parts/Glyph";
import { Link } from "../../parts/Link";
import { Time } from "../../parts/Numbers";
import { Facts } from "../../parts/Page";
import { texts } from "../../texts";

const EVERY_MS = 5_000;

export function State({ state }: { state: string }): ReactNode {
  return (
    <span className="with-glyph">
      <Glyph status={deliveryTone(state)} /> {texts.channels.deliveries.states[state] ?? state}
    </span>
  );
}

interface Details {
  readonly delivery: Delivery;
  readonly attempts: readonly { readonly at: string; readonly delivered: boolean; readonly outcome: string }[];
}

/** Each try of it, and again when somebody wants it. */
export function OneDelivery({ id, onClose }: { id: number; onClose: () => void }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const answer = useQuery<Details>(`/deliveries/${id}`, { everyMs: EVERY_MS });
  const retry = useAction(() => live.send("POST", `/deliveries/${id}/retry`));
  const words = texts.channels.deliveries;
  return (
    <Dialog heading={answer.phase === "ready" ? answer.data.delivery.title : texts.channels.tabs.deliveries} onClose={onClose} testId="delivery-dialog">
      <Answered answer={answer}>
        {({ delivery, attempts }) => (
          <>
            <Facts
              facts={[
                [words.columns.state, <State key="state" state={delivery.state} />],
                [words.alert, <Link key="alert" to={at("alerts", delivery.alertId)} className="link">{`#${delivery.alertId}`}</Link>],
              ]}
            />
            <h3>{words.attempts}</h3>
            {attempts.length === 0 ? <p className="dim">{words.noAttempts}</p> : null}
            <ol className="plain-list">
              {attempts.map((attempt, index) => (
                <li key={index} className="hop">
                  <Glyph status={attempt.delivered ? "online" : "offline"} />
                  <Time ms={Date.parse(attempt.at)} nowMs={nowMs} seconds />
                  <span>{sentence(texts.hubSays(attempt.outcome))}</span>
                </li>
              ))}
            </ol>
            <Trouble refusal={retry.refusal} />
            {delivery.state === "dead" ? (
              <div className="form-end">
                <button type="button" className="button" disabled={retry.busy} onClick={() => void retry.run()} data-testid="delivery-retry">
                  {words.retry}
                </button>
              </div>
            ) : null}
          </>
        )}
      </Answered>
    </Dialog>
  );
}
