// A backup, made and saved by the browser, and those that were made.

import { useState, type ReactNode } from "react";

import { useNow } from "../../data/clock";
import { usePage } from "../../data/context";
import { download } from "../../data/download";
import { useAction, useQuery } from "../../data/useQuery";
import type { AuditEntry } from "../../model/audit";
import { volume } from "../../model/months";
import { Answered } from "../../parts/Answered";
import { Command } from "../../parts/Command";
import { Trouble } from "../../parts/Form";
import { Time } from "../../parts/Numbers";
import { Section } from "../../parts/Page";
import { texts } from "../../texts";

export function Backups(): ReactNode {
  const { live } = usePage();
  const nowMs = useNow();
  const words = texts.settings.backups;
  const [size, setSize] = useState<string | null>(null);
  const answer = useQuery<{ items: AuditEntry[] }>("/audit?kind=hub&limit=200");
  const make = useAction(async () => {
    setSize(null);
    const file = await live.file("/backups", "POST");
    download(`noctule-backup-${new Date().toISOString().slice(0, 16).replace(/[:T]/gu, "-")}.tar`, file);
    const { value, unit } = volume(file.size);
    setSize(`${value} ${unit}`);
    live.queries.again("/audit");
  });
  return (
    <>
      <p>{words.lead}</p>
      <div className="form-end">
        <button type="button" className="button primary" disabled={make.busy} onClick={() => void make.run()} data-testid="backup-start">
          {words.start}
        </button>
      </div>
      <p role="status" className="panel-note" data-testid="backup-said">
        {make.busy ? words.busy : size === null ? "" : words.done(size)}
      </p>
      <Trouble refusal={make.refusal} />
      <Section heading={words.command}>
        <Command text="noctule hub backup /var/backups/noctule-$(date +%F)" />
      </Section>
      <Section heading={words.last}>
        <Answered answer={answer} empty={({ items }) => (made(items).length > 0 ? null : <p className="dim">{words.none}</p>)}>
          {({ items }) => (
            <ul className="plain-lines" data-testid="backups">
              {made(items).map((entry) => (
                <li key={entry.id}>
                  <Time ms={Date.parse(entry.at)} nowMs={nowMs} />
                  <span>{words.by(entry.actor)}</span>
                  <span className="dim">{entry.address}</span>
                </li>
              ))}
            </ul>
          )}
        </Answered>
      </Section>
    </>
  );
}

const made = (entries: readonly AuditEntry[]): readonly AuditEntry[] => entries.filter(({ action }) => action === "backed-up");
