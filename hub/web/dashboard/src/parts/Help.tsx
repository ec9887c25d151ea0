// The keys, on demand.

import type { ReactNode } from "react";

import { usePage } from "../data/context";
import type { Live } from "../data/live";
import { pagesOf } from "../pages/registry";
import { texts } from "../texts";
import { useModal } from "./Dialog";
import { Icon } from "./Glyph";
import "./help.css";

export function Help({ onClose }: { onClose: () => void }): ReactNode {
  const { live } = usePage();
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      className="help"
      aria-label={texts.help.heading}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <header>
        <h2>{texts.help.heading}</h2>
        <button type="button" className="icon-button small" aria-label={texts.help.close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {texts.help.keys.filter(([keys]) => isForRole(keys, live)).map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(/\s+/u).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}

/** Keys of pages that a role does not have, and of the list of devices, do nothing for it. */
function isForRole(keys: string, live: Live): boolean {
  const [first, second] = keys.split(/\s+/u);
  if (first === "g") return pagesOf(live.role).some(({ key }) => key === second);
  return live.staff || keys !== "/";
}
