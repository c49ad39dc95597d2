/** Hints for a guest that lacks a directory or an address and only sees an errno. */

import { normalPath } from "../../core/fs/guest_path.ts";
import { printable } from "../../text/printable.ts";
import type { Refusal } from "../../runtime/options/options.ts";
import type { CommandHost } from "../host/host.ts";

const VERBS = { listen: "listen at", connect: "connect to", lookup: "look up" } as const;

/**
 * Describes a refused network operation and the option that would allow it.
 *
 * @param refusal What was refused.
 * @param where Where the option goes, such as ` in GOWASIRUNTIMEARGS`; empty for the command line.
 */
export function refusalText({ action, target, rule }: Refusal, where: string): string {
  if (action !== "lookup" && target === "*") return `refused a socket; --allow-net${where} would allow it`;
  const option = printable(shellWord(`--allow-net=${rule}`));
  return `refused to ${VERBS[action]} ${printable(target)}; ${option}${where} would allow it`;
}

/**
 * Names the option that would let the guest open a path.
 *
 * @param path Absolute path of the guest that no mount holds.
 * @param host Checks for directories of this machine.
 * @param where As in {@linkcode refusalText}.
 */
export function missingPreopenText(path: string, host: CommandHost, where: string): string {
  const wanted = normalPath(path);
  const folder = host.isDirectory(wanted) ? wanted : wanted.slice(0, wanted.lastIndexOf("/")) || "/";
  return `no preopen holds ${printable(path)}; ${mountAdvice(folder, host, where)}`;
}

/**
 * Names the option that lets the guest use a directory.
 *
 * @param folder The directory in the guest.
 * @param host Checks for directories of this machine.
 * @param where As in {@linkcode refusalText}.
 */
export function mountAdvice(folder: string, host: CommandHost, where: string): string {
  // Without a mount the guest's working directory is the root: the path may be a relative one.
  const isRelative = folder === "/" || (!host.isDirectory(folder) && host.isDirectory(`.${folder}`));
  if (isRelative) return `add --dir .${where} for the working directory`;
  if (host.isDirectory(folder)) {
    return `add ${option(`${folder}:ro`)}${where}, or ${option(folder)} to let the guest write there`;
  }
  return `add ${option(`HOST::${folder}`)}${where}, with a directory of this machine as HOST`;
}

function option(mount: string): string {
  return `--dir ${printable(shellWord(mount))}`;
}

/** Quotes a word for a shell. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./*[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
