/**
 * Types of globals that some programs are compiled with and others are not: the DOM's, those of a runtime, or neither.
 *
 * Each is the real type where the program has it. Elsewhere it is a stand-in with the members that matter here, so that
 * the declarations of this library need no `lib` beyond ECMAScript.
 *
 * @module
 */

/** @internal */
type Globals = typeof globalThis;

/**
 * The instances of a global class.
 *
 * @internal
 */
type InstanceOf<Name extends string, StandIn> = Globals extends { readonly [name in Name]: infer Class }
  ? InstanceOfClass<Class, StandIn>
  : StandIn;

/**
 * The instances of a class of the namespace `WebAssembly`.
 *
 * @internal
 */
type WasmInstanceOf<Name extends string, StandIn> = Globals extends
  { readonly WebAssembly: { readonly [name in Name]: infer Class } } ? InstanceOfClass<Class, StandIn> : StandIn;

/**
 * In Deno's types some classes can't be constructed, and in Bun's some have a prototype of type `any`.
 *
 * @internal
 */
type InstanceOfClass<Class, StandIn> = Class extends { readonly prototype: infer Instance }
  ? 0 extends 1 & Instance ? Class extends new (...args: never) => infer Made ? Made : StandIn
  : Instance
  : StandIn;

/** Bytes that are not shared with other threads: `Uint8Array<ArrayBuffer>`, which is `Uint8Array` before TypeScript 5.7. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** A compiled module: `WebAssembly.Module`. */
export type WasmModule = WasmInstanceOf<"Module", object>;

/** Memory of a guest: `WebAssembly.Memory`. */
export type WasmMemory = WasmInstanceOf<
  "Memory",
  { readonly buffer: ArrayBuffer; grow(delta: number): number }
>;

/** What a module exports, by name: `WebAssembly.Exports`. */
export type WasmExports = WasmInstanceOf<
  "Instance",
  { readonly exports: Readonly<Record<string, unknown>> }
>["exports"];

/** What a module may import: `WebAssembly.ImportValue`. */
export type WasmImportValue = Globals extends
  { readonly WebAssembly: { readonly Instance: new (module: never, imports?: infer Imports) => unknown } }
  ? ValueOf<ValueOf<NonNullable<Imports>>>
  : object | number | bigint;

/** @internal */
type ValueOf<Dictionary> = Dictionary[keyof Dictionary];

/** A response to a request: `Response`. */
export type WebResponse = InstanceOf<
  "Response",
  {
    readonly ok: boolean;
    readonly status: number;
    readonly url: string;
    readonly body: ByteReadable | null;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
  }
>;

/** A request: `Request`. */
export type WebRequest = InstanceOf<"Request", { readonly method: string; readonly url: string }>;

/** A URL: `URL`. */
export type WebUrl = InstanceOf<
  "URL",
  { readonly href: string; readonly protocol: string; readonly pathname: string }
>;

/** `AbortSignal`. */
export type WebAbortSignal = InstanceOf<
  "AbortSignal",
  { readonly aborted: boolean; readonly reason: unknown; throwIfAborted(): void }
>;

/**
 * The members of a web stream that matter to a program without the types of one.
 *
 * @internal
 */
interface ReadableStandIn<Chunk> {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  pipeThrough<Other>(transform: { readonly readable: ReadableStandIn<Other> }): ReadableStandIn<Other>;
  pipeTo(destination: WritableStandIn<Chunk>): Promise<void>;
  getReader(): {
    read(): Promise<{ readonly done: false; readonly value: Chunk } | { readonly done: true; readonly value?: Chunk }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/**
 * As {@linkcode ReadableStandIn}, for the other direction.
 *
 * @internal
 */
interface WritableStandIn<Chunk> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): {
    readonly ready: Promise<unknown>;
    write(chunk: Chunk): Promise<void>;
    abort(reason?: unknown): Promise<void>;
    close(): Promise<void>;
    releaseLock(): void;
  };
}

/**
 * Only its type is used: it has a method that makes the type of a stream out of the type of its chunks.
 *
 * @internal
 */
declare const anyStream: InstanceOf<"ReadableStream", ReadableStandIn<unknown>>;

/** A stream of bytes to read: `ReadableStream<Uint8Array>`. */
export type ByteReadable = ReturnType<typeof anyStream.pipeThrough<Uint8Array>>;

/** A stream of bytes to write: `WritableStream<Uint8Array>`. */
export type ByteWritable = Parameters<ByteReadable["pipeTo"]>[0];

/** What `await using` ends: `AsyncDisposable`. */
export type AsyncDisposal = SymbolConstructor extends { readonly asyncDispose: infer Name extends symbol }
  ? { readonly [name in Name]: () => Promise<void> }
  : Record<never, never>;
