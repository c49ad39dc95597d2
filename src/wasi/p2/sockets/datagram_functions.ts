/** `wasi:sockets/udp`: receiving and sending datagrams, lowered by hand. */

import type { CallContext } from "../../../component/abi/context.ts";
import { type Attempt, DONE, type HostFunction } from "../../../component/link/function.ts";
import { trap } from "../../../component/link/trap.ts";
import type { Received, SocketAddress } from "../../../contract/network.ts";
import { OneBuffer } from "../../../core/io/vectored_io.ts";
import { AddressMemory } from "./address_memory.ts";
import type { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram_streams.ts";
import { ErrorCode, failure, type SocketFailure } from "./error_code.ts";
import { fallible, type GuestSockets } from "./guest_sockets.ts";
import { storeFailure } from "./lowered.ts";
import { INCOMING_DATAGRAM_TYPE, OUTGOING_DATAGRAM_TYPE } from "./types.ts";

/** Bytes of an `incoming-datagram`, and where its address is. */
const INCOMING_BYTES = 40;
const INCOMING_ADDRESS = 8;

/** Bytes of an `outgoing-datagram`, and where its optional address is. */
const OUTGOING_BYTES = 44;
const OUTGOING_HAS_ADDRESS = 8;
const OUTGOING_ADDRESS = 12;

/** Datagrams that one call receives at most. */
const MAX_RECEIVED = 64;

/** Above any datagram of IP without jumbograms (bytes). */
const DATAGRAM_BYTES = 65_536;

const WOULD_BLOCK: SocketFailure = failure(ErrorCode.WOULD_BLOCK);

/** The functions that receive and send. */
export function datagramFunctions({ incoming, outgoing, io }: GuestSockets): Record<string, HostFunction> {
  const receiver = new DatagramReceiver();
  const sender = new DatagramSender();
  return {
    "[method]incoming-datagram-stream.receive": {
      get type(): string {
        return fallible("self: borrow<incoming-datagram-stream>, max-results: u64", `list<${INCOMING_DATAGRAM_TYPE}>`);
      },
      attempt: (cx): Attempt => (self: number, maxResults: bigint, result: number): 0 | 1 => {
        cx.enter();
        const stream = cx.handle(self, incoming);
        const at = result >>> 0;
        cx.checkSpan(at, 12, 4);
        const most = Math.min(Number(BigInt.asUintN(64, maxResults)), MAX_RECEIVED);
        const count = receiver.receive(cx, stream, most);
        if (count === 0 && most > 0 && io.foundNothing(cx, stream.awaited()) !== DONE) return 1;
        if (count < 0) storeFailure(cx, at, 4, count);
        else receiver.store(cx, at, count);
        return DONE;
      },
    },
    "[method]outgoing-datagram-stream.check-send": {
      get type(): string {
        return fallible("self: borrow<outgoing-datagram-stream>", "u64");
      },
      attempt: (cx): Attempt => (self: number, result: number): 0 | 1 => {
        cx.enter();
        const stream = cx.handle(self, outgoing);
        const at = result >>> 0;
        cx.checkSpan(at, 16, 8);
        const permit = stream.checkSend();
        if (permit === 0 && io.foundNothing(cx, stream.awaited()) !== DONE) return 1;
        storeCount(cx, at, permit);
        return DONE;
      },
    },
    "[method]outgoing-datagram-stream.send": {
      get type(): string {
        return fallible(`self: borrow<outgoing-datagram-stream>, datagrams: list<${OUTGOING_DATAGRAM_TYPE}>`, "u64");
      },
      lower: (cx) => (self: number, list: number, count: number, result: number): void => {
        cx.enter();
        const stream = cx.handle(self, outgoing);
        const at = result >>> 0;
        cx.checkSpan(at, 16, 8);
        storeCount(cx, at, sender.send(cx, stream, list >>> 0, count >>> 0));
      },
    },
  };
}

function storeCount(cx: CallContext, at: number, count: number): void {
  if (count < 0) return storeFailure(cx, at, 8, count);
  cx.bytes[at] = 0;
  cx.view.setUint32(at + 8, count, true);
  cx.view.setUint32(at + 12, 0, true);
}

/** Receives into a buffer of its own: how long a datagram is, is known only then. */
class DatagramReceiver {
  readonly #buffer: OneBuffer = new OneBuffer();
  readonly #received: Received = { truncated: false, from: undefined };
  readonly #pointers: Uint32Array = new Uint32Array(MAX_RECEIVED);
  readonly #lengths: Uint32Array = new Uint32Array(MAX_RECEIVED);
  readonly #senders: SocketAddress[] = [];
  readonly #addresses: AddressMemory = new AddressMemory();

  /** Receive and allocate the data. @returns Datagrams, or a failure if the first attempt fails. */
  receive(cx: CallContext, stream: IncomingDatagramStream, most: number): number {
    const buffer = this.#buffer;
    if (buffer.bytes.length === 0) buffer.bytes = new Uint8Array(DATAGRAM_BYTES);
    buffer.lengths[0] = DATAGRAM_BYTES;
    this.#senders.length = 0;
    let count = 0;
    while (count < most) {
      const length = stream.receive(buffer, this.#received);
      if (length === WOULD_BLOCK) break;
      if (length < 0) return count === 0 ? length : count;
      const pointer = cx.realloc(1, length);
      cx.bytes.set(buffer.bytes.subarray(0, length), pointer);
      this.#pointers[count] = pointer;
      this.#lengths[count++] = length;
      this.#senders.push(this.#received.from!);
    }
    return count;
  }

  /** Store the list of what was received. */
  store(cx: CallContext, at: number, count: number): void {
    const list = count === 0 ? 4 : cx.realloc(4, count * INCOMING_BYTES);
    for (let i = 0; i < count; i++) {
      const each = list + i * INCOMING_BYTES;
      cx.view.setUint32(each, this.#pointers[i]!, true);
      cx.view.setUint32(each + 4, this.#lengths[i]!, true);
      this.#addresses.store(cx, each + INCOMING_ADDRESS, this.#senders[i]!);
    }
    cx.bytes[at] = 0;
    cx.view.setUint32(at + 4, list, true);
    cx.view.setUint32(at + 8, count, true);
  }
}

/** Sends from the memory of the guest. */
class DatagramSender {
  readonly #buffer: OneBuffer = new OneBuffer();
  readonly #addresses: AddressMemory = new AddressMemory();

  /** Send. @returns Datagrams sent, or a failure if the first can't be sent. */
  send(cx: CallContext, stream: OutgoingDatagramStream, list: number, count: number): number {
    cx.checkSpan(list, count * OUTGOING_BYTES, 4);
    if (!stream.takePermit(count)) trap("datagrams sent without a permit: call check-send first");
    this.#check(cx, list, count);
    const buffer = this.#buffer;
    buffer.bytes = cx.bytes;
    for (let i = 0; i < count; i++) {
      const at = list + i * OUTGOING_BYTES;
      buffer.starts[0] = cx.view.getUint32(at, true);
      buffer.lengths[0] = cx.view.getUint32(at + 4, true);
      const sent = stream.send(buffer, this.#addressAt(cx, at));
      if (sent < 0) return sent === WOULD_BLOCK || i > 0 ? i : sent;
    }
    return count;
  }

  /** All is checked before anything is sent. */
  #check(cx: CallContext, list: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = list + i * OUTGOING_BYTES;
      cx.checkSpan(cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true));
      if (cx.bytes[at + OUTGOING_HAS_ADDRESS]! > 1) trap("invalid variant discriminant");
      if (cx.bytes[at + OUTGOING_HAS_ADDRESS] === 1 && cx.bytes[at + OUTGOING_ADDRESS]! > 1) {
        trap("invalid variant discriminant");
      }
    }
  }

  #addressAt(cx: CallContext, at: number): SocketAddress | undefined {
    return cx.bytes[at + OUTGOING_HAS_ADDRESS] === 0 ? undefined : this.#addresses.load(cx, at + OUTGOING_ADDRESS);
  }
}
