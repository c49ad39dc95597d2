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

/** Built-ins that are not released. */
const THREADS = "Threads of components are not implemented: the built-ins thread.* but thread.yield";

/** What the reference implementation (`definitions.py`) does otherwise. */
const STARTS_LATER =
  "A callee that another call of its instance holds back is STARTING, although that other call could end at once";

/** What the reference implementation does otherwise, too. */
const PARENTS = "Calls between a component and one inside it do not trap: the test says that they do for now";

const CANCELLABLE = "The assembler does not know the option cancellable any more (WebAssembly/component-model#716)";

/** Reasons by `folder/file:line`. */
const EXPECTED: Readonly<Record<string, string>> = {
  "validation/annotated-names:176": NAMED_BY_EXPORT,
  "validation/external-visibility:28": NAMED_BY_EXPORT,
  "async/sync-streams:208": STARTS_LATER,
  "async/trap-on-reenter:86": PARENTS,
  "async/trap-on-reenter:110": PARENTS,
  "async/trap-if-block-and-sync:293": THREADS,
  "async/trap-if-block-and-sync:309": THREADS,
  "async/trap-if-block-and-sync:311": THREADS,
  "async/trap-if-block-and-sync:313": THREADS,
  "async/trap-if-sync-and-waitable-set:281": THREADS,
  "async/trap-if-sync-and-waitable-set:283": THREADS,
  "async/trap-if-sync-and-waitable-set:285": THREADS,
  "async/trap-if-sync-and-waitable-set:287": THREADS,
};

/** Reasons by file, for all of its commands: some of them may pass. */
const EXPECTED_FILES: Readonly<Record<string, string>> = {
  "async/cancellable": CANCELLABLE,
  "async/during-sync-call-may-block-if-other-ready-threads": THREADS,
  "async/during-sync-call-no-exclusive-resume": THREADS,
  "async/during-sync-call-no-sibling-resume": THREADS,
};

/** Why a command is expected to fail; undefined if it must pass. */
export function expectedFailure(file: string, line: number): string | undefined {
  return EXPECTED[`${file}:${line}`] ?? EXPECTED_FILES[file];
}

/** Why a file is expected to fail as a whole; some of its commands may pass. */
export function expectedFileFailure(file: string): string | undefined {
  return EXPECTED_FILES[file];
}
