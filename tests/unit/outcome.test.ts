import { expect, test } from "vitest";
import { GuestMemory } from "../../src/preview1/abi/memory.ts";
import { GuestOutcome } from "../../src/core/guest/outcome.ts";
import { Calls } from "../../src/runtime/guest/calls.ts";

const FEW = 10;
const MANY = 300;

const REASON = new Error("too deep");

/** A guest whose memory was used, and what is to be told of its end. */
class Guest {
  readonly outcome: GuestOutcome = new GuestOutcome();
  readonly memory: GuestMemory = new GuestMemory(this.outcome);
  readonly calls: Calls = new Calls();
  begun = 0;
  told = 0;

  constructor() {
    this.memory.attach(new WebAssembly.Memory({ initial: 1 }));
    this.memory.refresh();
    this.calls.begin();
    for (let i = 0; i < 2; i++) void this.calls.beginInTurn().then(() => this.begun++);
    this.outcome.onEnd(() => this.calls.release());
    this.outcome.onEnd(() => this.told++);
  }

  /** True if an import that touches memory would do its work. */
  get isServed(): boolean {
    try {
      this.memory.refresh();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      return false;
    }
  }
}

function makeGuests(count: number): Guest[] {
  return Array.from({ length: count }, () => new Guest());
}

/** Arguments that take more and more of the stack, in steps that are smaller than a frame. */
const PADDINGS = Array.from({ length: 16 }, (_, i) => new Array<number>(i).fill(0));

/** Call `act` as deep as the stack allows, and again in each frame above that, until it returns false. */
function atEachDepth(act: (...padding: number[]) => boolean): void {
  try {
    atEachDepth(act);
  } catch {
    // The stack is used up.
  }
  for (const padding of PADDINGS) {
    try {
      if (!act(...padding)) return;
    } catch {
      // Here as well.
    }
  }
}

test("a guest has ended or goes on, wherever the stack ends", async () => {
  let guests: readonly Guest[] = [];
  let next = 0;
  const endOne = (): boolean => {
    if (next === guests.length) return false;
    guests[next++]!.outcome.end(REASON);
    return true;
  };
  // What runs for the first time takes more of the stack.
  guests = makeGuests(FEW);
  while (endOne());
  guests = makeGuests(MANY);
  next = 0;
  atEachDepth(endOne);
  expect(guests.some(({ outcome }) => !outcome.ended)).toBe(true);
  for (const guest of guests) expect(guest.isServed).toBe(!guest.outcome.ended);
  // Whoever called the guest ends it as well.
  for (const { outcome } of guests) outcome.end(REASON);
  await new Promise((resolve) => setTimeout(resolve));
  for (const { told, begun, isServed } of guests) {
    expect({ told, begun, isServed }).toEqual({ told: 1, begun: 2, isServed: false });
  }
});
