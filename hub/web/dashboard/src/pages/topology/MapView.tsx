// The map in the page: its canvas, what it tells of what is pointed at, and the keyboard.

import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";

import { useObservable } from "../../data/context";
import { useMedia } from "../../data/media";
import { usePaper } from "../../data/paper";
import { settings } from "../../data/settings";
import type { Point } from "../../model/topology/answer";
import type { Scene } from "../../model/topology/scene";
import { texts } from "../../texts";
import { MapCanvas, type Hit } from "./MapCanvas";

const ZOOM = 1.35;
const MOVE = 22;
const WAYS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function MapView(props: {
  scene: Scene;
  map: RefObject<MapCanvas | null>;
  arranging: boolean;
  onOpen: (key: string) => void;
  onCarry: (key: string, point: Point) => void;
  /** What is told of a device or a link. */
  tip: (hit: Hit) => ReactNode;
}): ReactNode {
  const { scene, map, arranging, onOpen, onCarry, tip } = props;
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef({ onOpen, onCarry });
  newest.current = { onOpen, onCarry };
  const [hit, setHit] = useState<Hit | null>(null);
  const { theme } = useObservable(settings);
  const dark = useMedia("(prefers-color-scheme: dark)");
  const paper = usePaper();

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const made = new MapCanvas(element, {
      onHit: setHit,
      onOpen: (key) => newest.current.onOpen(key),
      onCarry: (key, point) => newest.current.onCarry(key, point),
    });
    map.current = made;
    return () => {
      made.close();
      map.current = null;
    };
  }, [map]);
  useEffect(() => map.current?.show(scene), [map, scene]);
  useEffect(() => map.current?.recolour(), [map, theme, dark, paper]);
  useEffect(() => {
    if (map.current !== null) map.current.mayCarry = arranging;
  }, [map, arranging]);

  const onKey = (event: KeyboardEvent): void => {
    const made = map.current;
    if (made === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    const focused = made.focused;
    if (way !== undefined && event.shiftKey && arranging && focused !== null) {
      const mark = scene.byKey.get(focused);
      if (mark !== undefined && mark.status !== null) onCarry(focused, { x: mark.x + way[0] * MOVE, y: mark.y + way[1] * MOVE });
    } else if (way !== undefined) made.step(...way);
    else if (event.key === "+" || event.key === "=") made.zoom(ZOOM);
    else if (event.key === "-") made.zoom(1 / ZOOM);
    else if (event.key === "0") made.fit();
    else if (event.key === "Enter" && focused !== null && scene.byKey.has(focused)) onOpen(focused);
    else if (event.key === "Escape" && focused !== null) made.focus(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="topo-stage">
      <div
        ref={host}
        className={`topo-map${arranging ? " arranging" : ""}`}
        role="application"
        aria-label={texts.topology.map}
        aria-describedby="topo-help"
        tabIndex={0}
        data-testid="topology-map"
        data-marks={scene.marks.length}
        onKeyDown={onKey}
        onBlur={() => map.current?.focus(null)}
      />
      <p className="sr" id="topo-help">
        {texts.topology.mapHelp}
      </p>
      {hit === null ? null : <Tip hit={hit} width={host.current?.clientWidth ?? 0} height={host.current?.clientHeight ?? 0}>{tip(hit)}</Tip>}
    </div>
  );
}

/** On the side of the pointer where there is room. */
function Tip({ hit, width, height, children }: { hit: Hit; width: number; height: number; children: ReactNode }): ReactNode {
  const { x, y } = hit.pixel;
  const style = {
    ...(x > width / 2 ? { right: `${width - x + 14}px` } : { left: `${x + 14}px` }),
    ...(y > height / 2 ? { bottom: `${height - y + 10}px` } : { top: `${y + 10}px` }),
  };
  return (
    <div className="topo-tip" role="status" style={style} data-testid="topology-tip">
      {children}
    </div>
  );
}
