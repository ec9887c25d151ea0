// Where somebody is signed in, each with the way to end it.

import type { ReactNode } from "react";

import { useNow } from "../data/clock";
import { usePage } from "../data/context";
import { useAction, useQuery } from "../data/useQuery";
import { span } from "../model/format";
import { clientWord, type SignedIn } from "../model/people";
import { Age } from "./Numbers";
import { texts } from "../texts";
import { Answered } from "./Answered";
import { Trouble } from "./Form";

const EVERY_MS = 30_000;

/** `userId` null: one's own. */
export function SessionList({ userId }: { userId: number | null }): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const answer = useQuery<{ items: SignedIn[] }>(`/sessions?limit=1000${userId === null ? "" : `&userId=${userId}`}`, { everyMs: EVERY_MS });
  const end = useAction((id: number) => live.send("DELETE", `/sessions/${id}`));
  const words = texts.account;
  return (
    <>
      <Trouble refusal={end.refusal} />
      <Answered answer={answer} empty={({ items }) => (items.length > 0 ? null : <p className="dim">{words.noSessions}</p>)}>
        {({ items }) => (
          <ul className="plain-lines" data-testid="sessions">
            {[...items].sort((a, b) => Date.parse(b.seenAt) - Date.parse(a.seenAt)).map((session) => (
              <li key={session.id}>
                <span title={session.client}>{clientWord(session.client)}</span>
                <span className="mono">{session.address ?? words.noAddress}</span>
                <span className="dim"><Age ms={Date.parse(session.seenAt)}>{words.seen(span(nowMs - Date.parse(session.seenAt)))}</Age></span>
                {session.current ? (
                  <span className="chip">{words.thisOne}</span>
                ) : (
                  <button type="button" className="button small" disabled={end.busy} aria-label={`${words.end}: ${clientWord(session.client)}`} onClick={() => void end.run(session.id)}>
                    {words.end}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </>
  );
}
