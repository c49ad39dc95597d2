/**
 * The form of a signature: the parameters of a function with their witx types.
 *
 * The table of the functions is written in a short form: `name:type`, or the type alone where the name is the same.
 *
 * @module
 */

/** Bits that count of each scalar type; the rest of an i32 is ignored. */
const SCALARS = {
  advice: 8,
  clockid: 32,
  dircookie: 64,
  exitcode: 32,
  fd: 32,
  fdflags: 16,
  filedelta: 64,
  filesize: 64,
  fstflags: 16,
  lookupflags: 32,
  oflags: 16,
  riflags: 16,
  rights: 64,
  sdflags: 8,
  siflags: 16,
  signal: 8,
  timestamp: 64,
  whence: 8,
  // WasmEdge's.
  address_family: 8,
  backlog: 32,
  port: 32,
  sock_type: 8,
  sock_level: 32,
  sock_option: 32,
  /** The precision that is requested of a clock. */ precision: 64,
  /** A number of entries of another parameter. */
  count: 32,
} as const;

/** Pointers with a length behind them; that of a parameter `x` is called `x_len`. */
const BUFFERS = {
  /** Text that the call reads. */ string: true,
  /** An array of `iovec` or `ciovec`. */ iovecs: true,
  /** Bytes that the call writes. */ buffer: true,
  /** Text that the call writes; a result counts its bytes. */ text: true,
  /** The name of a preopen, which the call writes. */ prestat_name: true,
} as const;

/** Pointers without a length; the function itself checks what they point to. */
const POINTERS = {
  /** Arguments of the guest: an array of pointers. */ args: true,
  /** Environment variables: an array of pointers. */ environ: true,
  /** What the strings of `args` or `environ` are stored in. */ strings: true,
  subscriptions: true,
  events: true,
  /** `{ buf, buf_len }` of an address that the call reads. */ address: true,
  /** `{ buf, buf_len }` of an address that the call writes. */ address_out: true,
  /** The value of a socket option that the call reads. */ option: true,
  /** The value of a socket option that the call writes. */ option_out: true,
  /** One `addrinfo`. */ hints: true,
  /** A pointer to a list of `addrinfo`, which the call fills. */ addrinfos: true,
} as const;

/** What a pointer to a result points to. */
export type ResultType =
  | "address_type"
  | "bytes"
  | "count"
  | "fd"
  | "fdstat"
  | "filesize"
  | "filestat"
  | "port"
  | "prestat"
  | "roflags"
  | "size"
  | "timestamp";

/** The type of a parameter that is no pointer to a result. */
export type ParameterType = keyof typeof SCALARS | keyof typeof BUFFERS | keyof typeof POINTERS | "length";

/** What all parameters have. */
interface AnyParameter {
  /** Its witx name; that of a result begins with `result.`. */
  readonly name: string;
  /** Its type in core WebAssembly. */
  readonly core: "i32" | "i64";
}

/** A value, or a pointer to what the call reads or writes. */
export interface InputParameter extends AnyParameter {
  /** The kind of parameter. */
  readonly kind: "input";
  /** Its type. */
  readonly type: ParameterType;
  /** Bits of it that count. */
  readonly bits: 8 | 16 | 32 | 64;
}

/** A pointer to where a result is stored. */
export interface ResultParameter extends AnyParameter {
  /** The kind of parameter. */
  readonly kind: "result";
  /** The type of the result. */
  readonly type: ResultType;
  /** Bits of the pointer. */
  readonly bits: 32;
}

/** One parameter. */
export type Parameter = InputParameter | ResultParameter;

/** One function. */
export interface Signature {
  /** The parameters in order. */
  readonly params: readonly Parameter[];
  /** The core results: one errno, or none. */
  readonly results: readonly ["i32"] | readonly [];
}

/**
 * Make a signature of a function that returns an errno.
 *
 * @param params Parameters in the short form; one of {@linkcode BUFFERS} becomes a pointer and a length.
 * @param results Results in the short form; each becomes a pointer.
 */
export function signature(params: string, results = ""): Signature {
  return new ShortForm(params, results, ["i32"]);
}

/**
 * Make a signature of a function that does not return.
 *
 * @param params As for {@linkcode signature}.
 */
export function noReturn(params: string): Signature {
  return new ShortForm(params, "", []);
}

/** Read when it is first used: a start needs the signatures of what a module imports, and no others. */
class ShortForm implements Signature {
  readonly results: Signature["results"];
  readonly #inputs: string;
  readonly #outputs: string;
  #params: readonly Parameter[] | undefined;

  constructor(inputs: string, outputs: string, results: Signature["results"]) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.results = results;
  }

  get params(): readonly Parameter[] {
    return this.#params ??= [
      ...words(this.#inputs).flatMap(([name, type]) => inputParameters(name, type as ParameterType)),
      ...words(this.#outputs).map(([name, type]) => resultParameter(name, type as ResultType)),
    ];
  }
}

function words(text: string): [name: string, type: string][] {
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const [name = "", type = name] = word.split(":");
    return [name, type];
  });
}

function inputParameters(name: string, type: ParameterType): Parameter[] {
  const bits = type in SCALARS ? SCALARS[type as keyof typeof SCALARS] : 32;
  const own: Parameter = { kind: "input", name, type, bits, core: bits === 64 ? "i64" : "i32" };
  if (!(type in BUFFERS)) return [own];
  return [own, { kind: "input", name: `${name}_len`, type: "length", bits: 32, core: "i32" }];
}

function resultParameter(name: string, type: ResultType): Parameter {
  return { kind: "result", name: `result.${name}`, type, bits: 32, core: "i32" };
}

/** True for a pointer, to what the call reads or writes. */
export function isPointer({ kind, type }: Parameter): boolean {
  return kind === "result" || type in BUFFERS || type in POINTERS;
}
