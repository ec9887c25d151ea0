// What one can do to the list: how it looks, and adding, finding, importing and exporting devices.

import type { ReactNode } from "react";

import { useObservable, usePage } from "../../data/context";
import { download } from "../../data/download";
import { change, settings } from "../../data/settings";
import { chosenColumns, COLUMN_KEYS, FIXED, withColumn } from "../../model/columns";
import { devicesCsv } from "../../model/deviceCsv";
import type { Row } from "../../model/device";
import { Menu } from "../../parts/Menu";
import { texts } from "../../texts";
import { MAY_OPERATE } from "../registry";
import { openDesk } from "./desk";

export function ViewMenu(): ReactNode {
  const { bySite, comfortable, columns } = useObservable(settings);
  const chosen = chosenColumns(columns);
  const { deviceDesk } = texts;
  return (
    <Menu word={deviceDesk.view} testId="view-menu">
      {() => (
        <>
          <label className="check">
            <input type="checkbox" checked={bySite} onChange={(event) => change({ bySite: event.target.checked })} />
            {texts.devices.groupBySite}
          </label>
          <label className="check">
            <input type="checkbox" checked={comfortable} onChange={(event) => change({ comfortable: event.target.checked })} />
            {deviceDesk.comfortable}
          </label>
          <p className="menu-role">{deviceDesk.columns}</p>
          {COLUMN_KEYS.filter((key) => !FIXED.has(key)).map((key) => (
            <label key={key} className="check">
              <input
                type="checkbox"
                checked={chosen.includes(key)}
                onChange={(event) => change({ columns: withColumn(columns, key, event.target.checked) })}
                data-testid={`column-${key}`}
              />
              {texts.devices.columns[key]}
            </label>
          ))}
        </>
      )}
    </Menu>
  );
}

/** `shown` are the devices that the filter lets through, in their order. */
export function AddTools({ shown }: { shown: () => readonly number[] }): ReactNode {
  const { live } = usePage();
  const { deviceDesk } = texts;
  const mayEdit = MAY_OPERATE.has(live.role);
  return (
    <>
      <Menu word={deviceDesk.more} testId="more-menu">
        {(close) => (
          <>
            {mayEdit ? <Item word={deviceDesk.discover} act={() => (close(), openDesk({ kind: "discover" }))} testId="open-discover" /> : null}
            {mayEdit ? <Item word={deviceDesk.importFile} act={() => (close(), openDesk({ kind: "import" }))} testId="open-import" /> : null}
            <Item word={deviceDesk.export} act={() => (close(), exportDevices(rowsOf(shown(), (id) => live.fleet.get(id))))} testId="export" />
          </>
        )}
      </Menu>
      {mayEdit ? (
        <button type="button" className="button small primary" onClick={() => openDesk({ kind: "add" })} data-testid="add-device">
          {deviceDesk.add}
        </button>
      ) : null}
    </>
  );
}

function Item({ word, act, testId }: { word: string; act: () => void; testId: string }): ReactNode {
  return (
    <button type="button" className="menu-item" onClick={act} data-testid={testId}>
      {word}
    </button>
  );
}

export function rowsOf(ids: Iterable<number>, get: (id: number) => Row | undefined): Row[] {
  return [...ids].map(get).filter((row): row is Row => row !== undefined);
}

export function exportDevices(rows: readonly Row[]): void {
  download("devices.csv", new Blob([devicesCsv(rows)], { type: "text/csv;charset=utf-8" }));
}
