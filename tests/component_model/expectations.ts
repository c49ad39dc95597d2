/**
 * Commands of the component model's tests that are expected to fail, and why.
 *
 * The lines are those of WebAssembly/component-model@6d28164. A command that is listed and passes is a failure, too.
 *
 * @module
 */

/** Why a resource that is used under the index it had before its export counts as named. */
const NAMED_BY_EXPORT =
  "A resource type has a name in all functions once it is exported, also in those that refer to it by its old index";

/** What 0.3 adds to the canonical ABI. */
const ASYNC = "Tasks, waitables, streams and futures are not implemented";

const CANCELLABLE = "The assembler does not know the option cancellable any more (WebAssembly/component-model#716)";

/** Reasons by `folder/file:line`. */
const EXPECTED: Readonly<Record<string, string>> = {
  "validation/annotated-names:176": NAMED_BY_EXPORT,
  "validation/external-visibility:28": NAMED_BY_EXPORT,
};

/** Reasons by file, for all of its commands: some of them may pass. */
const EXPECTED_FILES: Readonly<Record<string, string>> = {
  "async/cancellable": CANCELLABLE,
  "async/async-calls-sync": ASYNC,
  "async/builtin-trap-poisons-instance": ASYNC,
  "async/big-interleaving-test": ASYNC,
  "async/cancel-stream": ASYNC,
  "async/cancel-subtask": ASYNC,
  "async/closed-stream": ASYNC,
  "async/cross-task-future": ASYNC,
  "async/deadlock": ASYNC,
  "async/dont-block-start": ASYNC,
  "async/drop-cross-task-borrow": ASYNC,
  "async/drop-stream": ASYNC,
  "async/drop-subtask": ASYNC,
  "async/drop-waitable-set": ASYNC,
  "async/during-sync-call-may-block-if-other-ready-threads": ASYNC,
  "async/during-sync-call-no-exclusive-resume": ASYNC,
  "async/during-sync-call-no-sibling-resume": ASYNC,
  "async/empty-wait": ASYNC,
  "async/futures-must-write": ASYNC,
  "async/partial-stream-copies": ASYNC,
  "async/passing-resources": ASYNC,
  "async/same-component-stream-future": ASYNC,
  "async/sync-barges-in": ASYNC,
  "async/sync-streams": ASYNC,
  "async/trap-if-block-and-sync": ASYNC,
  "async/trap-if-done": ASYNC,
  "async/trap-if-sync-and-waitable-set": ASYNC,
  "async/trap-if-transfer-in-waitable-set": ASYNC,
  "async/trap-on-reenter": ASYNC,
  "async/wait-during-callback": ASYNC,
  "async/zero-length": ASYNC,
};

/** Why a command is expected to fail; undefined if it must pass. */
export function expectedFailure(file: string, line: number): string | undefined {
  return EXPECTED[`${file}:${line}`] ?? EXPECTED_FILES[file];
}

/** Why a file is expected to fail as a whole; some of its commands may pass. */
export function expectedFileFailure(file: string): string | undefined {
  return EXPECTED_FILES[file];
}
