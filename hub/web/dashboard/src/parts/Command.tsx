// A command to paste into a shell, with a button that copies it.

import { useState, type ReactNode } from "react";

import { texts } from "../texts";
import "./command.css";

const SAID_MS = 2_000;

export function Command({ text }: { text: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  // Browsers offer the clipboard on https and on this machine only; elsewhere the text can still be selected.
  const able = "clipboard" in navigator;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <div className="command">
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      {able ? (
        <button type="button" className="button small" onClick={() => void copy().catch(() => undefined)}>
          {copied ? texts.devices.empty.copied : texts.devices.empty.copy}
        </button>
      ) : null}
    </div>
  );
}
