/** Requests over the network of the guest. */

import type { GuestNetwork } from "../../../../core/net/guest_network.ts";
import type { WasiHost } from "../../../host.ts";
import { openFiles } from "../../../open_files.ts";
import { guestIo } from "../../io/guest_io.ts";
import { internalError } from "../error_code.ts";
import type { RequestSender } from "../future_response.ts";
import { targetOf } from "../target.ts";
import { Dial, type DialScope } from "./dial.ts";
import { ClientExchange, type Connector, type ExchangeScope } from "./exchange.ts";
import { IdleConnections } from "./http_connection.ts";
import { requestHead } from "./request_head.ts";
import { TlsConnector } from "./tls.ts";

/**
 * Sends requests by HTTP/1.1 over sockets of the guest's network, so that its policy holds.
 *
 * @param host What interfaces share.
 * @param network The network.
 */
export function socketSender(host: WasiHost, network: GuestNetwork): RequestSender {
  const dialScope: DialScope = { network, files: host.shared(openFiles) };
  const idle = new IdleConnections();
  host.onClose(() => idle.close());
  const scope: ExchangeScope = { clock: host.guest.clock, pending: host.shared(guestIo).pending, idle };
  return {
    send(request, options) {
      const target = targetOf(request);
      if ("tag" in target) return target;
      const { isSecure } = target;
      const { tls } = host.guest;
      if (isSecure && tls === undefined) return internalError("TLS needs a guest that is suspended while it waits");
      const head = requestHead(request, target);
      if ("tag" in head) return head;
      const key = `${isSecure ? "https" : "http"}://${target.host}:${target.port}`;
      const connect = (): Connector => {
        const dial = new Dial(dialScope, target.host, target.port);
        return isSecure ? new TlsConnector(dial, target.host, tls!) : dial;
      };
      return new ClientExchange(scope, { head, body: request.send(), options, key, connect });
    },
  };
}
