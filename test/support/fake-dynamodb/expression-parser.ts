/**
 * The expressions of DynamoDB as far as goredis uses them: conditions, updates by SET and REMOVE,
 * projections. Attributes are names or `#placeholders`; there are no paths into documents.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
 */
import { invalid } from './errors';

export type Operand =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'if_not_exists'; readonly name: string; readonly otherwise: Operand }
  | {
      readonly kind: 'sum';
      readonly sign: 1 | -1;
      readonly left: Operand;
      readonly right: Operand;
    };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'exists'; readonly name: string; readonly wanted: boolean }
  | { readonly kind: 'begins_with'; readonly of: Operand; readonly start: Operand }
  | {
      readonly kind: 'compare';
      readonly by: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    };

export interface UpdateExpression {
  readonly set: readonly { readonly name: string; readonly to: Operand }[];
  readonly remove: readonly string[];
}

const MAX_BYTES = 4096;
/** Words that DynamoDB takes as attribute names only by a placeholder; of goredis's names it is one. */
const RESERVED = new Set(['ttl']);
const COMPARATORS = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** What an expression may stand for, and what of it was used. */
export class Placeholders {
  readonly usedNames = new Set<string>();
  readonly usedValues = new Set<string>();

  constructor(
    readonly names: Readonly<Record<string, string>>,
    readonly values: Readonly<Record<string, unknown>>,
  ) {}
}

export function parseCondition(text: string, kind: string, known: Placeholders): Condition {
  const parser = new Parser(text, kind, known);
  const condition = parser.condition();
  parser.end();
  return condition;
}

export function parseUpdate(text: string, known: Placeholders): UpdateExpression {
  const parser = new Parser(text, 'UpdateExpression', known);
  const update = parser.update();
  parser.end();
  return update;
}

export function parseProjection(text: string, known: Placeholders): readonly string[] {
  const parser = new Parser(text, 'ProjectionExpression', known);
  const names = parser.names();
  parser.end();
  return names;
}

class Parser {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(
    text: string,
    private readonly kind: string,
    private readonly known: Placeholders,
  ) {
    if (text === '') throw this.error('The expression can not be empty;');
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw this.error(
        'Expression size has exceeded the maximum allowed size; expression size: ' +
          String(Buffer.byteLength(text)),
      );
    }
    this.tokens = text.match(/[#:]?[A-Za-z0-9_]+|<>|<=|>=|[^\s]/g) ?? [];
  }

  condition(): Condition {
    let left = this.conjunction();
    while (this.takeWord('OR')) left = { kind: 'or', left, right: this.conjunction() };
    return left;
  }

  update(): UpdateExpression {
    const set: { name: string; to: Operand }[] = [];
    const remove: string[] = [];
    while (this.at < this.tokens.length) {
      if (this.takeWord('SET')) {
        do {
          const name = this.attribute();
          this.expect('=');
          set.push({ name, to: this.arithmetic() });
        } while (this.take(','));
      } else if (this.takeWord('REMOVE')) remove.push(...this.names());
      else throw this.syntaxError();
    }
    this.checkOverlap([...set.map(({ name }) => name), ...remove]);
    return { set, remove };
  }

  names(): string[] {
    const names: string[] = [];
    do names.push(this.attribute());
    while (this.take(','));
    return names;
  }

  end(): void {
    if (this.at < this.tokens.length) throw this.syntaxError();
  }

  private conjunction(): Condition {
    let left = this.term();
    while (this.takeWord('AND')) left = { kind: 'and', left, right: this.term() };
    return left;
  }

  private term(): Condition {
    if (this.takeWord('NOT')) return { kind: 'not', of: this.term() };
    if (this.take('(')) {
      const inner = this.condition();
      this.expect(')');
      return inner;
    }
    const word = this.tokens[this.at];
    if (word === 'attribute_exists' || word === 'attribute_not_exists') {
      this.at++;
      this.expect('(');
      const name = this.attribute();
      this.expect(')');
      return { kind: 'exists', name, wanted: word === 'attribute_exists' };
    }
    if (word === 'begins_with') {
      this.at++;
      this.expect('(');
      const of = this.operand();
      this.expect(',');
      const start = this.operand();
      this.expect(')');
      return { kind: 'begins_with', of, start };
    }
    const left = this.operand();
    const by = this.tokens[this.at++];
    if (by === undefined || !COMPARATORS.has(by)) throw this.syntaxError();
    return { kind: 'compare', by: by as Comparator, left, right: this.operand() };
  }

  private arithmetic(): Operand {
    const left = this.operand();
    if (this.take('+')) return { kind: 'sum', sign: 1, left, right: this.operand() };
    if (this.take('-')) return { kind: 'sum', sign: -1, left, right: this.operand() };
    return left;
  }

  private operand(): Operand {
    const token = this.tokens[this.at];
    if (token === 'if_not_exists') {
      this.at++;
      this.expect('(');
      const name = this.attribute();
      this.expect(',');
      const otherwise = this.operand();
      this.expect(')');
      return { kind: 'if_not_exists', name, otherwise };
    }
    if (token?.startsWith(':') === true && token.length > 1) {
      this.at++;
      if (!(token in this.known.values)) {
        throw this.error(
          `An expression attribute value used in expression is not defined; attribute value: ${token}`,
        );
      }
      this.known.usedValues.add(token);
      return { kind: 'value', name: token };
    }
    return { kind: 'attribute', name: this.attribute() };
  }

  private attribute(): string {
    const token = this.tokens[this.at++];
    if (token === undefined || !/^#?[A-Za-z0-9_]+$/.test(token)) {
      this.at--;
      throw this.syntaxError();
    }
    if (!token.startsWith('#')) {
      if (!RESERVED.has(token.toLowerCase())) return token;
      throw this.error(`Attribute name is a reserved keyword; reserved keyword: ${token}`);
    }
    const name = this.known.names[token];
    if (name === undefined) {
      throw this.error(
        `An expression attribute name used in the document path is not defined; attribute name: ${token}`,
      );
    }
    this.known.usedNames.add(token);
    return name;
  }

  private checkOverlap(names: readonly string[]): void {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) return;
    throw this.error(
      'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
        `path one: [${twice}], path two: [${twice}]`,
    );
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private takeWord(word: string): boolean {
    if (this.tokens[this.at]?.toUpperCase() !== word) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw this.syntaxError();
  }

  private syntaxError(): Error {
    const token = this.tokens[this.at] ?? '<EOF>';
    const near = this.tokens.slice(Math.max(0, this.at - 1), this.at + 2).join(' ');
    return this.error(`Syntax error; token: "${token}", near: "${near}"`);
  }

  private error(text: string): Error {
    return invalid(`Invalid ${this.kind}: ${text}`);
  }
}
