type Bag = Record<PropertyKey, unknown>;

/**
 * Tells whether two values are equal by value, all the way down.
 *
 * Differs from `isDeepStrictEqual` of `node:util` where std does: 0 equals -0, an object without a prototype
 * equals a plain one, and a class's getters count, so that two objects that hide different values in
 * private fields are not mistaken for equal.
 *
 * @param a One value.
 * @param b The other value.
 * @returns Whether they are equal.
 * @throws {TypeError} If they are `WeakMap`s or `WeakSet`s, which nobody can look into.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  return new Comparison().equal(a, b);
}

/** One comparison; it remembers the pairs under way, because objects can contain themselves. */
class Comparison {
  readonly #underWay = new Map<object, object>();

  equal(a: unknown, b: unknown): boolean {
    if (sameValue(a, b)) return true;
    if (!isObject(a) || !isObject(b) || !sameKind(a, b)) return false;
    return equalByContents(a, b) ?? this.#equalParts(a, b);
  }

  #equalParts(a: object, b: object): boolean {
    if (a instanceof WeakRef) return this.equal(a.deref(), (b as WeakRef<object>).deref());
    if (this.#underWay.get(a) === b) return true;
    this.#underWay.set(a, b);
    if (isKeyed(a)) return this.#equalEntries(a, b as Keyed);
    return this.#equalProperties(a as Bag, b as Bag);
  }

  /** Whether each entry of `a` has an equal among those of `b`, in whatever order. */
  #equalEntries(a: Keyed, b: Keyed): boolean {
    if (a.size !== b.size) return false;
    const others = [...b.entries()];
    return [...a.entries()].every(([key, value]) => {
      if (!isObject(key)) {
        return b.has(key) && this.equal(value, b instanceof Map ? b.get(key) : key);
      }
      return others.some(([k, v]) => this.equal(key, k) && this.equal(value, v));
    });
  }

  #equalProperties(a: Bag, b: Bag): boolean {
    const keys = new Set([...comparedKeys(a), ...comparedKeys(b)]);
    return [...keys].every((key) => key in a === key in b && this.equal(a[key], b[key]));
  }
}

/** Compares the values that have contents and no parts; undefined for all others. */
function equalByContents(a: object, b: object): boolean | undefined {
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp) return String(a) === String(b);
  if (isTypedArray(a)) return equalElements(a, b as typeof a);
  if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
    return equalElements(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  }
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare two ${a.constructor.name}s: their entries are hidden`);
  }
  return undefined;
}

/** The keys that count: a plain value's own enumerable ones; a class's all, with its getters. */
function comparedKeys(value: Bag): PropertyKey[] {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) {
    return Reflect.ownKeys({ ...value });
  }
  const keys: PropertyKey[] = [];
  for (let at = value; isInherited(at); at = Object.getPrototypeOf(at)) {
    keys.push(...Reflect.ownKeys(at));
  }
  return keys;
}

/** Whether an object in a prototype chain comes before the ones that every value shares. */
function isInherited(link: object | null): boolean {
  return link !== null && link !== Object.prototype && link !== Array.prototype;
}

function sameKind(a: object, b: object): boolean {
  if (a instanceof Date && b instanceof Date) return true;
  return (Object.getPrototypeOf(a) ?? Object.prototype) ===
    (Object.getPrototypeOf(b) ?? Object.prototype);
}

/** Functions are no objects here: two of them are equal only when they are the same one. */
function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

type Keyed = Map<unknown, unknown> | Set<unknown>;

function isKeyed(value: object): value is Keyed {
  return value instanceof Map || value instanceof Set;
}

type Elements = ArrayLike<number | bigint>;

function isTypedArray(value: object): value is Elements {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function equalElements(a: Elements, b: Elements): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (x, i) => sameValue(x, b[i]));
}

/** SameValueZero of ECMAScript: NaN equals itself, and 0 equals -0. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}
