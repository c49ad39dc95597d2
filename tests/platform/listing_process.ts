/**
 * What a guest sees of directories that may be listed, but not searched: `listing_process.ts FOLDER GUEST` writes an answer
 * as JSON. The guest is `readdir.c`, whose libc asks for the numbers that it is not told.
 *
 * @module
 */

import process from "node:process";
import { type Platform, runSync } from "../../mod.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { openByPath } from "./by_path.ts";

const [folder = "", guest = ""] = process.argv.slice(2);
const own = (await detectPlatform())();
const platforms: readonly Platform[] = [own, { ...own, openRoot: openByPath }, posix()];

function listed(platform: Platform, name: string): unknown {
  const { stdout } = runSync(guest, { platform, args: [`/${name}`], preopens: { "/": folder }, stdout: "text" });
  return stdout.trimEnd().split("\n");
}

function inos(platform: Platform, name: string): string[] {
  const root = platform.openRoot(folder);
  const directory = root.openDirectory(name);
  if (typeof directory === "number") throw new Error(`Cannot open ${name}: ${directory}`);
  const entries = directory.readdir();
  if (typeof entries === "number") throw new Error(`Cannot list ${name}: ${entries}`);
  directory.close();
  root.close();
  return entries.map(({ name, ino }) => `${name} ${ino}`).sort();
}

console.log(JSON.stringify(platforms.map((platform) => ({
  few: listed(platform, "few"),
  many: listed(platform, "many"),
  inos: inos(platform, "many"),
  again: inos(platform, "many"),
  searchable: inos(platform, "searchable"),
}))));
