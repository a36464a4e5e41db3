/**
 * The engine's purity: the same spec gives the same bytes on every machine, in Node and in a browser. Outside
 * cli/ and server/ nothing may reach for Node, a clock, a locale or unseeded chance, or use powers, whose last
 * bit differs between Node versions (numeric/ has its own). And physics lives in the catalog: a literal
 * such as 400e9 or 3.7e-6 needs `// literal: why` on its line or the line above.
 */
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { root } from './setup.mjs';

/** Rooms with a window to the outside, and the browser's own. */
const OUTSIDE = /^src\/(cli|server|web)\//;
const NO_ENGINE = /(\.test\.ts|^src\/catalog\/generated\.ts)$/;
/** Here numbers are the subject: unit prefixes, catalogue code, the floating-point kernels. */
const LITERALS_ALLOWED = /^src\/(units|catalog|numeric)\//;

const BANNED_GLOBALS = new Map([
  ['Date', 'a clock'],
  ['performance', 'a clock; ask context.clock'],
  ['process', 'Node only'],
  ['console', 'talk goes through context.progress'],
  ['setTimeout', 'a clock'],
  ['setInterval', 'a clock'],
  ['setImmediate', 'Node only'],
  ['Buffer', 'Node only'],
  ['require', 'Node only'],
  ['document', 'browser only'],
  ['window', 'browser only'],
  ['navigator', 'browser only'],
  ['fetch', 'the network'],
  ['Intl', 'depends on the locale'],
]);
const BANNED_MEMBERS = new Map([
  ['Math.pow', 'differs between Node versions; numeric/ has a power of its own'],
  ['Math.random', 'unseeded; use numeric/random'],
  ['crypto.getRandomValues', 'unseeded; use numeric/random'],
  ['crypto.randomUUID', 'unseeded; use numeric/random'],
]);
const BANNED_METHODS = new Map([
  ['toLocaleString', 'depends on the locale'],
  ['localeCompare', 'depends on the locale; compare with <'],
]);
const POWERS = new Set([ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken]);

function checkFile(name) {
  const text = fs.readFileSync(path.join(root, name), 'utf8');
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
  const lines = text.split('\n');
  const own = declaredNames(source);
  const problems = [];
  const report = (node, what, why) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
    problems.push(`${name}:${line + 1}:${character + 1} ${what}: ${why}`);
  };
  const excused = (node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    return [lines[line], lines[line - 1] ?? ''].some((text) => /\/\/ literal: \S/.test(text));
  };
  const visit = (node) => {
    checkModule(node, report);
    checkName(node, own, report);
    if (ts.isBinaryExpression(node) && POWERS.has(node.operatorToken.kind)) {
      report(node.operatorToken, '**', BANNED_MEMBERS.get('Math.pow'));
    }
    if (
      ts.isNumericLiteral(node) &&
      !LITERALS_ALLOWED.test(name) &&
      isPhysical(node.getText(source)) &&
      !excused(node)
    ) {
      report(
        node,
        node.getText(source),
        'a physical literal belongs into the catalog (or `// literal: why`)',
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

/** Names that the file declares itself, as `document` for a YAML document: no globals there. */
function declaredNames(source) {
  const names = new Set();
  const visit = (node) => {
    const declares = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
    if ((declares || ts.isFunctionDeclaration(node) || ts.isImportSpecifier(node)) && node.name) {
      names.add(node.name.getText(source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function checkModule(node, report) {
  const dynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const specifier = dynamic ? node.arguments[0] : node.moduleSpecifier;
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
  const module = specifier.text;
  if (module.startsWith('node:') || builtinModules.includes(module)) report(specifier, module, 'Node only');
}

function checkName(node, own, report) {
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.name.text;
    const whole = ts.isIdentifier(node.expression) ? `${node.expression.text}.${member}` : member;
    const why = BANNED_MEMBERS.get(whole) ?? BANNED_METHODS.get(member);
    if (why !== undefined) report(node.name, whole, why);
  }
  if (ts.isIdentifier(node) && BANNED_GLOBALS.has(node.text) && !own.has(node.text) && isReference(node)) {
    report(node, node.text, BANNED_GLOBALS.get(node.text));
  }
}

/** True unless the identifier only names a member: `x.process`, `{process: 1}`, a field of an interface. */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  const named = ts.isPropertyAssignment(parent) || ts.isTypeElement(parent) || ts.isClassElement(parent);
  return !(named && parent.name === node);
}

/**
 * Exponents from 5 up or -5 down, and the likes of 400000000000 and 0.0000037 written out. Hexadecimal numbers
 * and powers of two are bit patterns; shorter round numbers are limits and counts.
 */
function isPhysical(text) {
  if (/^0[xbo]/i.test(text)) return false;
  const plain = text.replaceAll('_', '');
  const exponent = /e([+-]?\d+)$/i.exec(plain);
  if (exponent !== null) return Math.abs(Number(exponent[1])) >= 5;
  return (/^\d{11,}/.test(plain) && !Number.isInteger(Math.log2(Number(plain)))) || /^0?\.0{4}/.test(plain);
}

function main() {
  const names = fs
    .readdirSync(path.join(root, 'src'), { recursive: true })
    .map((name) => `src/${name.split(path.sep).join('/')}`)
    .filter((name) => name.endsWith('.ts') && !OUTSIDE.test(name) && !NO_ENGINE.test(name))
    .sort();
  const problems = names.flatMap(checkFile);
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}

main();
