// A link to another place of the page.

import type { ReactNode } from "react";

import { useLinkTo, type Place } from "../data/route";

export function Link(props: { to: Place; className?: string; title?: string; tabIndex?: number; children: ReactNode }): ReactNode {
  const { to, className, title, tabIndex, children } = props;
  return (
    <a {...useLinkTo(to)} {...(className === undefined ? {} : { className })} {...(title === undefined ? {} : { title })} {...(tabIndex === undefined ? {} : { tabIndex })}>
      {children}
    </a>
  );
}
