import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import ts from 'typescript';

/** One import of a source file. Paths are relative to the folder that was read, without `.ts`. */
export interface Import {
  readonly from: string;
  readonly line: number;
  /** The module: a path as seen from the folder when it is relative, else a name as written. */
  readonly to: string;
  readonly relative: boolean;
  /** Only types are taken, so that nothing of it exists at run time. */
  readonly typeOnly: boolean;
}

/** Every import, export-from, `import()` and `require()` of the TypeScript files under a folder. */
export function importsUnder(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => {
      const path = file.split(sep).join('/');
      return importsOf(path, readFileSync(join(folder, file), 'utf8'));
    });
}

/** The imports of one source text; `path` is its place inside the folder, `store/record.ts`. */
export function importsOf(path: string, text: string): Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const module = specifier.text;
    const isRelative = module.startsWith('.');
    found.push({
      from: path.replace(/\.ts$/, ''),
      line: source.getLineAndCharacterOfPosition(specifier.getStart()).line + 1,
      to: isRelative ? posix.join(posix.dirname(path), module) : module,
      relative: isRelative,
      typeOnly,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsOnlyTypes(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && loadsModule(node)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importsOnlyTypes(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function loadsModule(node: ts.CallExpression): boolean {
  const callee = node.expression;
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  );
}
