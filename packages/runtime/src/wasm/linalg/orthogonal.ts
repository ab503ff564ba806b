import type { FunctionRef, ModuleBuilder } from "../assembler/index.js";
import { beginFunction } from "../library/definition.js";
import { type Double, type Int, MatrixCode } from "./matrixCode.js";

// In the order of operations of kernels/lqFactors.ts and kernels/symmetricEigen.ts, where the
// sources are named.

const lqParameters = ["a", "q", "l", "rows", "columns", "scales"] as const;

/** A = L Q by reflections from the right; overwrites A. `scales` has a double for each row. */
export function addLqFactors(module: ModuleBuilder): FunctionRef {
  const reflection = addReflection(module);
  const reflect = addReflect(module);
  const { code, of, ref } = beginFunction(module, "lqFactors", lqParameters, "own");
  const m = new MatrixCode(code);
  const [a, q, l, rows, columns] = [of("a"), of("q"), of("l"), of("rows"), of("columns")];
  const scale = (i: Int) => m.element(of("scales"), i);
  m.upTo(0, rows, (i) => {
    const vector = m.at(a, i, i, columns);
    const count = code.op("i32.sub", columns, i);
    const target = m.at(l, i, i, rows);
    code.call(reflection, vector, count, scale(i), target);
    m.upTo(m.add(i, 1), rows, (row) => {
      code.call(reflect, m.at(a, row, i, columns), vector, count, scale(i));
    });
    const before = code.op("i32.shl", i, 3);
    code.copy(code.op("i32.sub", target, before), code.op("i32.sub", vector, before), before);
    const after = code.op("i32.sub", code.op("i32.sub", rows, i), 1);
    code.clear(m.add(target, 8), code.op("i32.shl", after, 3));
  });
  code.clear(q, code.op("i32.shl", code.op("i32.mul", rows, columns), 3));
  m.upTo(0, rows, (i) => m.store(m.at(q, i, i, columns), m.one()));
  m.downFrom(rows, (i) => {
    const vector = m.at(a, i, i, columns);
    m.upTo(i, rows, (row) => {
      const count = code.op("i32.sub", columns, i);
      code.call(reflect, m.at(q, row, i, columns), vector, count, scale(i));
    });
  });
  return ref;
}

/**
 * Overwrites x with the vector of the reflection that leaves a multiple of the first unit vector.
 */
function addReflection(module: ModuleBuilder): FunctionRef {
  const names = ["x", "count", "scale", "multiple"] as const;
  const { code, of, ref } = beginFunction(module, "reflection", names, "own");
  const m = new MatrixCode(code);
  const x = of("x");
  const head = m.load(x);
  const rest = m.double(m.zero());
  m.upTo(1, of("count"), (i) => {
    const value = m.load(m.element(x, i));
    code.assign(rest, code.op("f64.add", rest, code.op("f64.mul", value, value)));
  });
  m.store(x, m.one());
  code.if(code.op("f64.eq", rest, m.zero()), () => {
    m.store(of("scale"), m.zero());
    m.store(of("multiple"), head);
    code.return();
  });
  const norm = code.op("f64.sqrt", code.op("f64.add", code.op("f64.mul", head, head), rest));
  const positive = code.op("f64.ge", head, m.zero());
  const multiple = code.select(positive, code.op("f64.neg", norm), norm);
  const divisor = code.op("f64.sub", head, multiple);
  m.upTo(1, of("count"), (i) => {
    const place = m.element(x, i);
    m.store(place, code.op("f64.div", m.load(place), divisor));
  });
  m.store(of("scale"), code.op("f64.div", code.op("f64.sub", multiple, head), multiple));
  m.store(of("multiple"), multiple);
  return ref;
}

/** Applies I - scale v vᵀ to `count` elements. */
function addReflect(module: ModuleBuilder): FunctionRef {
  const names = ["target", "v", "count", "scale"] as const;
  const { code, of, ref } = beginFunction(module, "reflect", names, "own");
  const m = new MatrixCode(code);
  const scale = m.load(of("scale"));
  code.if(code.op("f64.eq", scale, m.zero()), () => code.return());
  const product = m.double(m.zero());
  const each = (body: (target: Int, v: Int) => void) => {
    const [target, v] = [m.int(of("target")), m.int(of("v"))];
    code.countUp(code.variable("i32", 0), of("count"), 1, () => {
      body(target, v);
      m.next(target);
      m.next(v);
    });
  };
  each((target, v) => {
    const term = code.op("f64.mul", m.load(target), m.load(v));
    code.assign(product, code.op("f64.add", product, term));
  });
  const factor = code.op("f64.mul", scale, product);
  each((target, v) => {
    const change = code.op("f64.mul", factor, m.load(v));
    m.store(target, code.op("f64.sub", m.load(target), change));
  });
  return ref;
}

/** Cyclic Jacobi converges quadratically; ten sweeps are many. */
const mostSweeps = 60;
/** Two elements that differ by less than this share count as equally large. */
const rounding = 1e-9;

const eigenParameters = ["a", "n", "rows", "order", "vectors", "values"] as const;

/**
 * Eigenvectors as rows and ascending eigenvalues of a symmetric matrix, which is overwritten.
 * `rows` has n x n doubles, `order` n words.
 */
export function addSymmetricEigen(module: ModuleBuilder): FunctionRef {
  const sweep = addSweep(module);
  const { code, of, ref } = beginFunction(module, "symmetricEigen", eigenParameters, "own");
  const m = new MatrixCode(code);
  const [a, n, rows] = [of("a"), of("n"), of("rows")];
  m.upTo(0, n, (i) => m.upTo(0, i, (j) => m.store(m.at(a, j, i, n), m.load(m.at(a, i, j, n)))));
  const size = code.op("i32.mul", n, n);
  m.upTo(0, size, (i) => {
    const value = code.op("f64.abs", m.load(m.element(a, i)));
    const finite = code.op("f64.lt", value, code.f64(Infinity));
    code.if(code.op("i32.eqz", finite), () => {
      const nan = code.f64(Number.NaN);
      m.upTo(0, size, (k) => m.store(m.element(of("vectors"), k), nan));
      m.upTo(0, n, (k) => m.store(m.element(of("values"), k), nan));
      code.return();
    });
  });
  code.clear(rows, code.op("i32.shl", size, 3));
  m.upTo(0, n, (i) => m.store(m.at(rows, i, i, n), m.one()));
  const rotated = m.int(1);
  m.upTo(0, m.int(mostSweeps), () => {
    code.if(rotated, () => code.assign(rotated, code.callFor(sweep, "i32", a, rows, n)));
  });
  sortValues(m, of);
  m.upTo(0, n, (to) => {
    const from = code.load("i32.load", word(m, of("order"), to));
    m.store(m.element(of("values"), to), m.load(m.at(a, from, from, n)));
    copyTurned(
      m,
      m.element(rows, code.op("i32.mul", from, n)),
      n,
      m.element(of("vectors"), code.op("i32.mul", to, n)),
    );
  });
  return ref;
}

function word(m: MatrixCode, base: Int, index: Int): Int {
  return m.code.op("i32.add", base, m.code.op("i32.shl", index, 2));
}

/** The positions of ascending eigenvalues, equal ones in order, by insertion. */
function sortValues(m: MatrixCode, of: (name: (typeof eigenParameters)[number]) => Int): void {
  const { code } = m;
  const [a, n, order] = [of("a"), of("n"), of("order")];
  const value = (position: Int) => m.load(m.at(a, position, position, n));
  m.upTo(0, n, (i) => {
    const j = m.int(i);
    const own = value(i);
    code.block((found) => {
      code.loop((again) => {
        code.branchIf(code.op("i32.eqz", j), found);
        const before = code.load("i32.load", word(m, order, m.add(j, -1)));
        code.branchIf(code.op("f64.le", value(before), own), found);
        code.store("i32.store", word(m, order, j), before);
        code.increase(j, -1);
        code.branch(again);
      });
    });
    code.store("i32.store", word(m, order, j), i);
  });
}

/** Copies a vector so that the first of its largest elements is positive. */
function copyTurned(m: MatrixCode, from: Int, count: Int, to: Int): void {
  const { code } = m;
  const largest = m.double(m.zero());
  m.upTo(0, count, (k) => {
    const value = m.load(m.element(from, k));
    const bound = code.op("f64.mul", code.op("f64.abs", largest), code.f64(1 + rounding));
    code.if(code.op("f64.gt", code.op("f64.abs", value), bound), () => code.assign(largest, value));
  });
  const turned = code.op("f64.lt", largest, m.zero());
  m.upTo(0, count, (k) => {
    const value = m.load(m.element(from, k));
    const opposite = code.op("f64.sub", m.zero(), value);
    m.store(m.element(to, k), code.select(turned, opposite, value));
  });
}

/** Rotates each pair of axes once; gives 0 where no element off the diagonal counts any more. */
function addSweep(module: ModuleBuilder): FunctionRef {
  const rotate = addRotate(module);
  const code = module.helper("sweep", { params: ["i32", "i32", "i32"], results: ["i32"] });
  const m = new MatrixCode(code);
  const [a, vectors, n] = [code.param(0, "i32"), code.param(1, "i32"), code.param(2, "i32")];
  const rotated = m.int(0);
  const counts = (diagonal: Double, other: Double) =>
    code.op("f64.ne", code.op("f64.add", diagonal, other), diagonal);
  m.upTo(0, n, (p) => {
    m.upTo(m.add(p, 1), n, (q) => {
      const places = [m.at(a, p, p, n), m.at(a, p, q, n), m.at(a, q, q, n)] as const;
      const [app, apq, aqq] = [m.load(places[0]), m.load(places[1]), m.load(places[2])];
      code.if(code.op("i32.or", counts(app, apq), counts(aqq, apq)), () => {
        code.assign(rotated, 1);
        const { tangent, cosine, sine } = rotation(m, app, apq, aqq);
        const turn = [cosine, sine];
        const row = (base: Int, i: Int) => m.element(base, code.op("i32.mul", i, n));
        const [one, eachRow] = [code.i32(1), n];
        code.call(rotate, m.element(a, p), m.element(a, q), eachRow, n, ...turn);
        code.call(rotate, row(a, p), row(a, q), one, n, ...turn);
        m.store(places[1], m.zero());
        m.store(m.at(a, q, p, n), m.zero());
        const change = code.op("f64.mul", tangent, apq);
        m.store(places[0], code.op("f64.sub", app, change));
        m.store(places[2], code.op("f64.add", aqq, change));
        code.call(rotate, row(vectors, p), row(vectors, q), one, n, ...turn);
      });
    });
  });
  code.return(rotated);
  return code;
}

/** The rotation that makes zero of the element off the diagonal. */
function rotation(m: MatrixCode, app: Double, apq: Double, aqq: Double) {
  const { code } = m;
  const double = code.op("f64.mul", code.f64(2), apq);
  const cotangent = code.op("f64.div", code.op("f64.sub", aqq, app), double);
  const size = code.op("f64.abs", cotangent);
  const magnitude = code.op("f64.div", m.one(), code.op("f64.add", size, hypotOne(m, cotangent)));
  const negative = code.op("f64.lt", cotangent, m.zero());
  const tangent = code.select(negative, code.op("f64.neg", magnitude), magnitude);
  const cosine = code.op("f64.div", m.one(), hypotOne(m, tangent));
  return { tangent, cosine, sine: code.op("f64.mul", tangent, cosine) };
}

/** sqrt(x^2 + 1), which is |x| where the square could overflow. */
function hypotOne(m: MatrixCode, x: Double): Double {
  const { code } = m;
  const size = code.op("f64.abs", x);
  const root = code.op("f64.sqrt", code.op("f64.add", code.op("f64.mul", x, x), m.one()));
  return code.select(code.op("f64.gt", size, code.f64(1e150)), size, root);
}

/** Turns two lines of `count` elements, `step` apart. */
function addRotate(module: ModuleBuilder): FunctionRef {
  const params = ["i32", "i32", "i32", "i32", "f64", "f64"] as const;
  const code = module.helper("rotate", { params, results: [] });
  const m = new MatrixCode(code);
  const [x, y] = [code.param(0, "i32"), code.param(1, "i32")];
  const [step, count] = [code.param(2, "i32"), code.param(3, "i32")];
  const [cosine, sine] = [code.param(4, "f64"), code.param(5, "f64")];
  code.countUp(m.int(0), count, 1, () => {
    const [one, other] = [m.load(x), m.load(y)];
    const times = (a: Double, b: Double) => code.op("f64.mul", a, b);
    m.store(x, code.op("f64.sub", times(cosine, one), times(sine, other)));
    m.store(y, code.op("f64.add", times(sine, one), times(cosine, other)));
    m.next(x, step);
    m.next(y, step);
  });
  return code;
}
