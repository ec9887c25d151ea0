// Screens for when there is nothing else to show: the hub is not there yet, or the page itself has failed.

import { Component, type ErrorInfo, type ReactNode } from "react";

import { texts } from "../texts";
import { Command } from "./Command";
import { Mark } from "./Glyph";
import "./gate.css";

export function Starting(): ReactNode {
  return (
    <main className="gate">
      <p className="gate-wait" role="status">
        {texts.start.connecting}
      </p>
    </main>
  );
}

export function Unreachable({ message }: { message: string }): ReactNode {
  return (
    <main className="gate">
      <div className="gate-box" role="alert" data-testid="hub-unreachable">
        <div className="gate-brand">
          <Mark />
          <span>{texts.product}</span>
        </div>
        <h1>{texts.start.unreachable}</h1>
        <p className="gate-lead">{message}</p>
        <p>{texts.start.check}</p>
        <Command text={texts.start.checkCommand} />
        <p className="gate-hint">{texts.start.retrying}</p>
      </div>
    </main>
  );
}

/** Catches what a component throws, so that a fault of the page reads as one and not as a calm network. `whole`: of all of it. */
export class Guard extends Component<{ whole?: boolean; children: ReactNode }, { failed: string | null }> {
  override state = { failed: null };

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error("the page has failed", error, info.componentStack);
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    const told = (
      <>
        <h1>{texts.start.crashed}</h1>
        <p className="gate-lead">{texts.start.crashedHelp}</p>
        <pre className="gate-detail">{failed}</pre>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {texts.start.reload}
        </button>
      </>
    );
    if (this.props.whole !== true) return <div className="blank" role="alert" data-testid="page-failed">{told}</div>;
    return (
      <main className="gate">
        <div className="gate-box" role="alert">
          {told}
        </div>
      </main>
    );
  }
}
