/** Limits on requests, whatever serves them. */

/** Limits on each request: options of `serve`. */
interface RequestLimits {
  readonly timeoutMs?: number | undefined;
  readonly maxBodyBytes?: number | undefined;
}

type Handler = (request: Request) => Promise<Response>;

/**
 * A handler with limits.
 *
 * @param handler The handler.
 * @param limits The limits.
 */
export function limited(handler: Handler, limits: RequestLimits): Handler {
  const { timeoutMs, maxBodyBytes } = limits;
  if (timeoutMs === undefined && maxBodyBytes === undefined) return handler;
  return (request) => new LimitedRequest(handler, limits).answer(request);
}

/** An init with a body that is a stream. */
interface StreamingInit extends RequestInit {
  duplex: "half";
}

class LimitedRequest {
  readonly #handler: Handler;
  readonly #limits: RequestLimits;
  readonly #abort: AbortController = new AbortController();
  #refusal: Response | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(handler: Handler, limits: RequestLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  async answer(request: Request): Promise<Response> {
    const { timeoutMs, maxBodyBytes = Infinity } = this.#limits;
    if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return tooLarge(maxBodyBytes);
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#refuse(refusal(504, `no response within ${timeoutMs} ms`)), timeoutMs);
    }
    try {
      return this.#timed(await this.#handler(this.#limitedRequest(request, maxBodyBytes)));
    } catch (error) {
      this.#stop();
      if (this.#refusal !== undefined) return this.#refusal;
      throw error;
    }
  }

  #refuse(response: Response): void {
    this.#refusal ??= response;
    this.#abort.abort(new DOMException("The request exceeds a limit", "AbortError"));
  }

  #stop(): void {
    clearTimeout(this.#timer);
  }

  #limitedRequest(request: Request, maxBodyBytes: number): Request {
    const init: StreamingInit = { duplex: "half", signal: AbortSignal.any([request.signal, this.#abort.signal]) };
    if (request.body === null || maxBodyBytes === Infinity) return new Request(request, init);
    let received = 0;
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        received += piece.length;
        if (received > maxBodyBytes) this.#refuse(tooLarge(maxBodyBytes));
        else controller.enqueue(piece);
      },
    });
    return new Request(request, {
      ...init,
      body: request.body.pipeThrough(counter) as ReadableStream<Uint8Array<ArrayBuffer>>,
    });
  }

  /** The time runs until the body has ended. */
  #timed(response: Response): Response {
    if (this.#timer === undefined || response.body === null) {
      this.#stop();
      return response;
    }
    const watched = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      flush: () => this.#stop(),
    });
    return new Response(response.body.pipeThrough(watched), response);
  }
}

function tooLarge(maxBodyBytes: number): Response {
  return refusal(413, `the body exceeds ${maxBodyBytes} bytes`);
}

function refusal(status: number, reason: string): Response {
  return new Response(`${reason}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
