/** TLS by `node:tls`, which all runtimes have, over a connection that is not the runtime's. */

import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { OpenTls, TlsEvents, TlsFailure, TlsOptions, TlsSession } from "../../contract/tls.ts";

/** What is used of the runtime's modules. */
interface TlsModules {
  readonly connect: typeof import("node:tls").connect;
  readonly Stream: typeof Duplex;
}

/** Load it: few guests need it. */
export async function loadTls(): Promise<OpenTls> {
  const [{ connect }, { Duplex: Stream }] = await Promise.all([import("node:tls"), import("node:stream")]);
  return (options, events) => new NodeTlsSession(options, events, { connect, Stream });
}

class NodeTlsSession implements TlsSession {
  readonly #transport: Duplex;
  readonly #socket: TLSSocket;

  constructor({ host, ca }: TlsOptions, events: TlsEvents, { connect, Stream }: TlsModules) {
    const transport = this.#transport = new Stream({
      read() {},
      write: (bytes: Uint8Array, _encoding, done) => events.send(bytes, () => done()),
    });
    const isAddress = /^[\d.]+$|:/.test(host);
    const socket = this.#socket = connect({
      socket: transport,
      host,
      ALPNProtocols: ["http/1.1"],
      ...(isAddress ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca: [...ca] }),
    });
    socket.on("secureConnect", () => events.secured());
    socket.on("data", (bytes: Uint8Array) => events.received(bytes));
    socket.on("end", () => events.ended());
    socket.on("drain", () => events.drained());
    socket.on("error", (error: NodeJS.ErrnoException) => events.failed(failureOf(error)));
    transport.on("error", () => {});
  }

  receive(bytes: Uint8Array): void {
    this.#transport.push(bytes);
  }

  receiveEnd(): void {
    this.#transport.push(null);
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  close(): void {
    for (const event of ["secureConnect", "data", "end", "drain"]) this.#socket.removeAllListeners(event);
    this.#socket.destroy();
    this.#transport.destroy();
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|INVALID_CA|INVALID_PURPOSE|HOSTNAME|certificate|UnknownIssuer/;

function failureOf({ code = "", message }: NodeJS.ErrnoException): TlsFailure {
  if (/alert/i.test(`${code} ${message}`)) return { kind: "alert", message };
  return { kind: CERTIFICATE.test(`${code} ${message}`) ? "certificate" : "protocol", message };
}
