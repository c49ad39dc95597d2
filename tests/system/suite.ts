/**
 * What every system answers, whatever lies beneath it.
 *
 * @module
 */

import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type Backend, type MadeSystem, makeSystem, type SystemOptions } from "./backends.ts";
import { Caller } from "./caller.ts";
import { directorySuite } from "./directory_suite.ts";
import { fileSuite } from "./file_suite.ts";
import { mountSuite } from "./mount_suite.ts";
import { pathSuite } from "./path_suite.ts";
import { pollSuite } from "./poll_suite.ts";
import { rightsSuite } from "./rights_suite.ts";

/** A system under test, and what calls it. */
export interface Subject extends MadeSystem {
  readonly call: Caller;
}

/** What a part of the suite asks for. */
export interface SuiteContext {
  /** The backend. */
  backend(): Backend;
  /** Make a system, which is closed when the test ends. */
  make(options?: SystemOptions): Subject;
}

/** Describe all parts of the suite over one backend. */
export function systemSuite(name: string, openBackend: () => Backend | Promise<Backend>): void {
  describe(`a system over ${name}`, () => {
    let backend: Backend | undefined;
    const made: MadeSystem[] = [];

    beforeAll(async () => {
      backend = await openBackend();
    });
    afterEach(() => {
      for (const { system } of made.splice(0)) system.close();
    });
    afterAll(async () => {
      await backend?.dispose();
    });

    function current(): Backend {
      if (backend === undefined) throw new TypeError("Cannot use the backend before it is open");
      return backend;
    }

    const context: SuiteContext = {
      backend: current,
      make(options) {
        const subject = makeSystem(current(), options);
        made.push(subject);
        return { ...subject, call: new Caller(subject.system) };
      },
    };
    pathSuite(context);
    fileSuite(context);
    directorySuite(context);
    mountSuite(context);
    rightsSuite(context);
    pollSuite(context);
  });
}
