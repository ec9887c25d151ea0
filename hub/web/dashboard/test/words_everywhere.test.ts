import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "..", "src");
/** Attributes that people read or hear. */
const READ = new Set(["alt", "aria-description", "aria-label", "aria-roledescription", "heading", "label", "lead", "note", "placeholder", "title", "word"]);
/** The name of a key or a format, an example of an address, and a path: the same in every language. */
const NAMES = new Set(["Esc", "PNG", "PNG,", "https://noc.example.net", "device:1", "/api/v1/openapi.json"]);

function saidIn(path: string): readonly string[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf-8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const take = (text: string): void => {
    if (/\p{L}{2}/u.test(text) && !NAMES.has(text.trim())) found.push(text.trim());
  };
  const look = (node: ts.Node): void => {
    if (ts.isJsxText(node)) take(node.text);
    if (ts.isJsxExpression(node) && node.expression !== undefined && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) takeLiterals(node.expression, take);
    if (ts.isJsxAttribute(node) && READ.has(node.name.getText(file)) && node.initializer !== undefined) {
      if (ts.isStringLiteral(node.initializer)) take(node.initializer.text);
      else if (ts.isJsxExpression(node.initializer) && node.initializer.expression !== undefined) takeLiterals(node.initializer.expression, take);
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

/** Takes what is written in an expression that is shown: itself, in either branch of a choice, and in a template. */
function takeLiterals(node: ts.Expression, take: (text: string) => void): void {
  if (ts.isStringLiteralLike(node)) take(node.text);
  else if (ts.isTemplateExpression(node)) for (const text of [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]) take(text);
  else if (ts.isConditionalExpression(node)) for (const branch of [node.whenTrue, node.whenFalse]) takeLiterals(branch, take);
  else if (ts.isParenthesizedExpression(node)) takeLiterals(node.expression, take);
  else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) takeLiterals(node.right, take);
}

describe("every word that people read", () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf-8" }).filter((name) => name.endsWith(".tsx"));

  it.each(files)("%s takes from texts/", (name) => {
    expect(saidIn(join(SOURCE, name))).toEqual([]);
  });

  it("is looked for in places where it would be found", () => {
    expect(files.length).toBeGreaterThan(80);
  });
});
