// Which Noctule this is, and what it is made with.

import type { ReactNode } from "react";

import react from "react/package.json";
import socketIo from "socket.io-client/package.json";
import uPlot from "uplot/package.json";

import page from "../../../package.json";
import { useHealth } from "../../data/health";
import { span } from "../../model/format";
import { Answered } from "../../parts/Answered";
import { Facts, Section } from "../../parts/Page";
import { texts } from "../../texts";

const PARTS = [react, socketIo, uPlot].map(({ name, version, license }) => ({ name, version, license }));

export function About(): ReactNode {
  const answer = useHealth();
  const words = texts.settings.about;
  return (
    <>
      <Answered answer={answer}>
        {({ version, uptimeS }) => (
          <Facts
            facts={[
              [words.version, version],
              [words.page, page.version],
              [words.uptime, span(uptimeS * 1000)],
              [words.docs, <a key="docs" className="text-link" href="/api/v1/openapi.json">/api/v1/openapi.json</a>],
            ]}
          />
        )}
      </Answered>
      <Section heading={words.licences}>
        <p>{words.licence}</p>
        <p className="panel-note">{words.parts}</p>
        <table className="plain-table">
          <thead>
            <tr>
              <th>{words.columns.name}</th>
              <th>{words.columns.version}</th>
              <th>{words.columns.licence}</th>
            </tr>
          </thead>
          <tbody>
            {PARTS.map(({ name, version, license }) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="num">{version}</td>
                <td>{license}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  );
}
