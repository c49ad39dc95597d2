/** Requests that carry numbers. */

import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";

/** A request whose answer has not come by then counts as lost. */
const ANSWER_TIMEOUT_MS = 30_000;

/** What became of numbered requests. */
export interface Outcome {
  /** Answers that were right. */
  readonly right: number;
  /** Numbers that the server had seen before. */
  readonly duplicated: number;
  /** Requests that failed, or were answered with another number; what happened first is told. */
  readonly lost: number;
  readonly firstError: string;
  /** Requests that went over a connection that had been open before. */
  readonly reused: number;
}

/** Connections to one server. */
export class Client {
  readonly #port: number;
  readonly #agent: Agent;

  /**
   * @param port Port of the server.
   * @param connections Connections that may be open at once; they stay open.
   */
  constructor(port: number, connections: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  }

  /** Ask for `count` numbers from `first` on, as many at the same time as there are connections. */
  async ask(first: number, count: number): Promise<Outcome> {
    const outcome = { right: 0, duplicated: 0, lost: 0, firstError: "", reused: 0 };
    const numbers = Array.from({ length: count }, (_, i) => first + i);
    await Promise.all(numbers.map(async (number) => {
      try {
        const { body, reused } = await this.#send("GET", `/number/${number}`);
        if (reused) outcome.reused++;
        const [answered, times] = body.split(" ");
        if (answered !== String(number)) throw new Error(`the answer to ${number} is ${JSON.stringify(body)}`);
        if (times === "1") outcome.right++;
        else outcome.duplicated++;
      } catch (error) {
        outcome.lost++;
        outcome.firstError ||= (error as Error).message;
      }
    }));
    return outcome;
  }

  /** Let the server forget the numbers. @returns Requests, and different numbers, that it has seen. */
  async reset(): Promise<readonly number[]> {
    return (await this.#send("POST", "/reset")).body.split(" ").map(Number);
  }

  #send(method: string, path: string): Promise<{ body: string; reused: boolean }> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#port, agent: this.#agent, method, path };
      const sent: ClientRequest = request(options, (response: IncomingMessage) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => body += text).on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve({ body, reused: sent.reusedSocket });
          else reject(new Error(`status ${response.statusCode}: ${body}`));
        });
      });
      sent.setTimeout(ANSWER_TIMEOUT_MS, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
      sent.on("error", reject).end();
    });
  }

  /** Close all connections. */
  close(): void {
    this.#agent.destroy();
  }
}
