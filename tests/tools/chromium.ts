/**
 * A Chromium without a window, for a test that loads a page.
 *
 * It is the one that `CHROMIUM` names, or one on PATH; on Debian, root installs it if there is none.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { command } from "./command.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Without a display, a graphics card, a profile, and what a browser asks the network for by itself. */
const FLAGS = [
  "--headless=new",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-default-browser-check",
  "--no-first-run",
];

const APT_TIMEOUT_MS = 600_000;

/** There is no Chromium, and none can be installed. */
export class NoChromium extends Error {
  override readonly name = "NoChromium";
}

/**
 * Find or install Chromium.
 *
 * @returns Its path.
 * @throws {NoChromium} If there is none.
 * @throws {Error} If it can't be installed where that should work.
 */
export async function findChromium(): Promise<string> {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  const found = onPath(NAMES);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || onPath(["apt-get"]) === undefined) {
    throw new NoChromium("there is no Chromium on PATH, CHROMIUM names none, and only root can install it on Debian");
  }
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: APT_TIMEOUT_MS };
  await command("apt-get", ["-qq", "update"], options);
  await command("apt-get", ["-qq", "install", "-y", "--no-install-recommends", "chromium"], options);
  const installed = onPath(NAMES);
  if (installed === undefined) throw new Error("apt-get installed chromium, but it is not on PATH");
  return installed;
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A Chromium that shows a page. */
export interface Browser {
  /** Rejects if it ends before it is closed; never resolves. */
  readonly failed: Promise<never>;
  /** End it and remove its profile. */
  close(): Promise<void>;
}

/** Show the page `url`. */
export function openPage(chromium: string, url: string): Browser {
  const profile = mkdtempSync(join(tmpdir(), "wasirun-chromium-"));
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const child = spawn(chromium, [...FLAGS, ...sandbox, `--user-data-dir=${profile}`, url], {
    stdio: ["ignore", "ignore", "pipe"],
    // Its processes are ended together, as the group that this one leads.
    detached: true,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => said = `${said}${text}`.slice(-2000));
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  const failed = ended.then((): never => {
    throw new Error(`Chromium ended by itself:\n${said}`);
  });
  failed.catch(() => {});
  return {
    failed,
    async close() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, "SIGKILL");
      }
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
