// A page: its name, the answer that it opens with, what one can do, and its content.

import { useEffect, type ReactNode } from "react";

import { at, type PageName } from "../data/route";
import { useLinkTo } from "../data/route";
import { texts } from "../texts";
import { AsOf } from "./LinkState";

export function Page(props: {
  title: string;
  /** One sentence that says what there is to know. */
  answer?: ReactNode;
  tools?: ReactNode;
  /** The content has its own scrolling, e.g. a table. */
  flush?: boolean;
  testId?: string;
  children: ReactNode;
}): ReactNode {
  const { title, answer, tools, flush = false, testId, children } = props;
  useEffect(() => {
    document.title = texts.title(title);
  }, [title]);
  return (
    <div className="page" {...(testId === undefined ? {} : { "data-testid": testId })}>
      <header className="list-head">
        <h1>{title}</h1>
        <p className="answer">
          {answer === undefined || answer === "" ? null : <AsOf />}
          {answer}
        </p>
        {tools === undefined ? null : <div className="list-tools">{tools}</div>}
      </header>
      <div className={`page-body${flush ? " flush" : ""}`}>{children}</div>
    </div>
  );
}

export interface TabEntry {
  readonly part: string | null;
  readonly word: string;
}

/** Parts of what a page shows, each with its own address. */
export function Tabs({ page, id, part, tabs }: { page: PageName; id: number | null; part: string | null; tabs: readonly TabEntry[] }): ReactNode {
  return (
    <nav className="tabs">
      {tabs.map((tab) => (
        <TabLink key={tab.part ?? ""} page={page} id={id} tab={tab} here={tab.part === part} />
      ))}
    </nav>
  );
}

function TabLink({ page, id, tab, here }: { page: PageName; id: number | null; tab: TabEntry; here: boolean }): ReactNode {
  return (
    <a className="tab" {...useLinkTo(at(page, id, tab.part))} {...(here ? { "aria-current": "page" as const } : {})}>
      {tab.word}
    </a>
  );
}

export function Section({ heading, tools, children }: { heading: string; tools?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="section">
      <h2>
        {heading}
        {tools}
      </h2>
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([word, value]) => (
        <div key={word} style={{ display: "contents" }}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
