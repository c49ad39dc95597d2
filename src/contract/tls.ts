/** TLS of the runtime, over a connection of the core. */

/** Whom a session is with. */
export interface TlsOptions {
  /** Name or IP address of the server, which its certificate must have. */
  readonly host: string;
  /** Certificates to trust in place of those of the runtime: PEM. */
  readonly ca?: readonly string[] | undefined;
}

/** Why a session failed. */
export interface TlsFailure {
  /** What was wrong: the certificate, or the protocol; or the server has sent an alert. */
  readonly kind: "certificate" | "protocol" | "alert";
  /** What happened, for people. */
  readonly message: string;
}

/** Receives what a session does; never called from within a call of the session. */
export interface TlsEvents {
  /**
   * Send bytes to the server.
   *
   * @param bytes Encrypted.
   * @param sent To be called once they are sent: more come then.
   */
  send(bytes: Uint8Array, sent: () => void): void;
  /** The server is who it should be: data may be written. */
  secured(): void;
  /** Data from the server. */
  received(bytes: Uint8Array): void;
  /** No more data comes from the server. */
  ended(): void;
  /** Data that was written is on its way: more may be written. */
  drained(): void;
  /** The session has failed. */
  failed(failure: TlsFailure): void;
}

/** A session. */
export interface TlsSession {
  /** Encrypted bytes from the server. */
  receive(bytes: Uint8Array): void;
  /** No more bytes come from the server. */
  receiveEnd(): void;
  /** Data for the server; the bytes belong to the session then. @returns False to wait until `drained`. */
  write(bytes: Uint8Array): boolean;
  /** End it; no events follow. */
  close(): void;
}

/** Starts a session as its client. */
export type OpenTls = (options: TlsOptions, events: TlsEvents) => TlsSession;
