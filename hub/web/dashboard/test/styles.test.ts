// Whether a page looks the same however people come to it: styles come with the code that imports them, and stay.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "..", "src");
const MAIN = join(SOURCE, "main.tsx");
const REGISTRY = join(SOURCE, "pages", "registry.ts");

/** `tag` null: a component's. A class that goes on with a value ends in `*`. */
interface Element {
  readonly tag: string | null;
  readonly classes: ReadonlySet<string>;
}

interface Module {
  readonly imports: readonly string[];
  /** Modules that are loaded when they are shown. */
  readonly later: readonly string[];
  readonly sheets: readonly string[];
  readonly elements: readonly Element[];
}

/** Everything that there is when a page is shown. */
interface Shown {
  readonly sheets: ReadonlySet<string>;
  readonly elements: readonly Element[];
}

const modules = new Map<string, Module>();

function moduleAt(path: string): Module {
  let known = modules.get(path);
  if (known === undefined) modules.set(path, (known = readModule(path)));
  return known;
}

function readModule(path: string): Module {
  const file = ts.createSourceFile(path, readFileSync(path, "utf-8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const imports: string[] = [];
  const later: string[] = [];
  const sheets: string[] = [];
  const elements: Element[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const { text } = node.moduleSpecifier;
      if (text.endsWith(".css")) sheets.push(join(dirname(path), text));
      else if (text.startsWith(".") && node.importClause?.isTypeOnly !== true) imports.push(resolved(path, text));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      for (const named of node.arguments) if (ts.isStringLiteral(named)) later.push(resolved(path, named.text));
    } else if (ts.isJsxOpeningLikeElement(node)) elements.push(elementOf(node, file));
    ts.forEachChild(node, look);
  };
  look(file);
  return { imports, later, sheets, elements };
}

function resolved(from: string, specifier: string): string {
  const path = join(dirname(from), specifier);
  const found = [".ts", ".tsx", "/index.ts", ""].map((end) => path + end).find((one) => existsSync(one));
  if (found === undefined) throw new Error(`${relative(SOURCE, from)} imports ${specifier}, which is not there`);
  return found;
}

function elementOf(node: ts.JsxOpeningLikeElement, file: ts.SourceFile): Element {
  const name = node.tagName.getText(file);
  const classes = new Set<string>();
  const take = (text: string, goesOn: boolean): void => {
    const words = text.split(/\s+/u);
    const last = words.at(-1) ?? "";
    for (const word of goesOn && last !== "" ? [...words, `${last}*`] : words) classes.add(word);
  };
  const look = (part: ts.Node): void => {
    if (ts.isStringLiteralLike(part)) take(part.text, false);
    else if (ts.isTemplateExpression(part)) {
      take(part.head.text, true);
      for (const { literal } of part.templateSpans) take(literal.text, ts.isTemplateMiddle(literal));
    }
    ts.forEachChild(part, look);
  };
  for (const attribute of node.attributes.properties) if (attribute.name?.getText(file) === "className") look(attribute);
  return { tag: /^[a-z]/u.test(name) ? name : null, classes };
}

/** Returns all that a page brings, or without one what is always there. The table of pages brings none of them. */
function shownBy(page: string | null): Shown {
  const reached = new Set(page === null ? [MAIN] : [MAIN, page]);
  for (const path of reached) {
    const { imports, later } = moduleAt(path);
    for (const next of path === REGISTRY ? imports : [...imports, ...later]) reached.add(next);
  }
  const all = [...reached].map(moduleAt);
  return { sheets: new Set(all.flatMap(({ sheets }) => sheets)), elements: all.flatMap(({ elements }) => elements) };
}

/** Returns the selectors of a stylesheet, without what they exclude. */
function selectorsIn(css: string): readonly string[] {
  const bare = css.replaceAll(/\/\*.*?\*\//gsu, "").replaceAll(/@keyframes [^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}/gu, "");
  return [...bare.matchAll(/([^{};]+)\{/gu)]
    .map(([, prelude]) => (prelude ?? "").trim())
    .filter((prelude) => !prelude.startsWith("@"))
    .flatMap((prelude) => prelude.replaceAll(/:not\((?:[^()]|\([^()]*\))*\)/gu, "").split(/,(?![^(]*\))/u))
    .map((selector) => selector.replaceAll(/\s+/gu, " ").trim());
}

/** Returns whether there is an element for each part of a selector, however they stand to each other. */
function mayMatch({ elements }: Shown, selector: string): boolean {
  const parts = selector.split(/[\s>+~(),]+/u).map((part) => part.replaceAll(/\[[^\]]*\]|::?[a-z-]+/gu, ""));
  return parts.every((part) => {
    const [tag, ...classes] = part.split(".");
    if (classes.length === 0 && (tag === "" || tag === "*" || tag === "html" || tag === "body")) return true;
    return elements.some((one) => (tag === "" || one.tag === tag || (one.tag === null && classes.length > 0)) && classes.every((name) => hasClass(one, name)));
  });
}

function hasClass({ classes }: Element, name: string): boolean {
  return classes.has(name) || classes.has(name.replace(/[a-z]+$/u, "*"));
}

describe("the styles of a page", () => {
  const always = shownBy(null).sheets;
  const pages = new Map(moduleAt(REGISTRY).later.map((path) => [relative(SOURCE, path), shownBy(path)]));
  const sheets = new Set([...pages.values()].flatMap((page) => [...page.sheets].filter((sheet) => !always.has(sheet) && existsSync(sheet))));

  it.each([...sheets].map((sheet) => relative(SOURCE, sheet)))("%s are for pages that import them", (sheet) => {
    const selectors = selectorsIn(readFileSync(join(SOURCE, sheet), "utf-8"));
    const others = [...pages].filter(([, page]) => !page.sheets.has(join(SOURCE, sheet)));
    // One that is found here: name what it is for in the selector, or move it to styles/ or to the part that it dresses.
    expect(others.flatMap(([name, page]) => selectors.filter((one) => mayMatch(page, one)).map((one) => `${one} on ${name}`))).toEqual([]);
  });

  it("are looked for in places where they would be found", () => {
    const page = pages.get("pages/users/UsersPage.tsx");
    if (page === undefined) throw new Error("no page of users");
    const css = "@media print { .page .button.small:hover, button { } } .grid-cell:not(.page), .is-open .button.cell, .nowhere, mark { color: red; }";
    expect(selectorsIn(css).filter((one) => mayMatch(page, one))).toEqual([".page .button.small:hover", "button", ".grid-cell"]);
    expect(sheets.size).toBeGreaterThan(30);
  });
});
