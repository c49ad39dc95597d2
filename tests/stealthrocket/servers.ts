/**
 * The servers that the suites talk to. Their ports, users and passwords are those that the suites have written in them.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describeEnd, type Owner, runProcess } from "../suites/process.ts";
import { type ServerCommand, ServerProcess } from "../tools/server_process.ts";

/** Where servers listen. */
export const LOOPBACK = "127.0.0.1";

const PREPARE_TIMEOUT_MS = 60_000;
const TAIL_CHARACTERS = 2_000;

/** A server. */
export type ServerName = "redis" | "memcached" | "postgres" | "mariadb";

/** Where a server is set up. */
interface Place {
  readonly folder: string;
  readonly owner: Owner | undefined;
  /** Path of each of its programs. */
  readonly programs: Readonly<Record<string, string>>;
}

interface ServerKind {
  readonly port: number;
  readonly programs: readonly string[];
  readonly debianPackage: string;
  /** Make its data, and say how it is started. */
  readonly prepare: (place: Place) => Promise<ServerCommand>;
}

const KINDS: Readonly<Record<ServerName, ServerKind>> = {
  redis: { port: 6379, programs: ["redis-server"], debianPackage: "redis-server", prepare: prepareRedis },
  memcached: { port: 11211, programs: ["memcached"], debianPackage: "memcached", prepare: prepareMemcached },
  postgres: { port: 5432, programs: ["postgres", "initdb"], debianPackage: "postgresql", prepare: preparePostgres },
  mariadb: {
    port: 3306,
    programs: ["mariadbd", "mariadb-install-db"],
    debianPackage: "mariadb-server",
    prepare: prepareMariadb,
  },
};

const DATABASE = "test";
const POSTGRES_USER = "pqgotest";
const POSTGRES_PASSWORD = "password";
const MARIADB_ROOT_PASSWORD = "test";
/** The suite compares the version with this one. */
const MARIADB_VERSION = "8.0.33";
const DEBIAN_POSTGRES = "/usr/lib/postgresql";

/** The servers that have been asked for; each is started once. */
export class Servers {
  readonly #started: Map<ServerName, Promise<ServerProcess>> = new Map();
  readonly #folders: string[] = [];

  /** Starts a server, unless it runs. @throws {Error} It is not installed, or did not start. */
  async need(name: ServerName): Promise<void> {
    const started = this.#started.get(name) ?? this.#start(KINDS[name]);
    this.#started.set(name, started);
    await started;
  }

  async #start({ port, programs, debianPackage, prepare }: ServerKind): Promise<ServerProcess> {
    const found = findPrograms(programs, debianPackage);
    await requireFreePort(port);
    const folder = mkdtempSync(join(tmpdir(), "wasirun-"));
    this.#folders.push(folder);
    const owner = unprivilegedOwner();
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
    const command = await prepare({ folder, owner, programs: found });
    return await ServerProcess.start({ ...command, ...surroundings(folder), owner });
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    for (const started of this.#started.values()) await started.then((server) => server.stop(), () => {});
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a server runs, and with which environment. */
function surroundings(folder: string): { cwd: string; env: Readonly<Record<string, string>> } {
  return { cwd: folder, env: { HOME: folder, TMPDIR: folder, LC_ALL: "C" } };
}

/** An account without rights, if this process is root: the servers of databases refuse to run as root. */
function unprivilegedOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    const { status, stdout } = spawnSync("id", [flag, "nobody"], { encoding: "utf8" });
    return status === 0 ? Number.parseInt(stdout) : NaN;
  });
  if (uid === undefined || gid === undefined || Number.isNaN(uid + gid)) {
    throw new Error("Cannot start a server: databases refuse to run as root, and there is no user named nobody");
  }
  return { uid, gid };
}

/** @throws {Error} Something listens on the port already. */
async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const what = `${LOOPBACK}:${port} is taken (${error.message})`;
      reject(new Error(`${what}: the tests want a server of their own there`, { cause: error }));
    });
    server.listen(port, LOOPBACK, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** Runs a command to its end. @throws {Error} It failed; with the end of what it wrote. */
async function runToEnd(command: readonly string[], { folder, owner }: Place, input = ""): Promise<void> {
  const { cwd, env } = surroundings(folder);
  const result = await runProcess(command, {
    cwd,
    env: { ...process.env, ...env },
    timeoutMs: PREPARE_TIMEOUT_MS,
    stdin: { text: input },
    owner,
  });
  if (result.exitCode === 0) return;
  throw new Error(`${command[0]}: ${describeEnd(result)}: ${result.output.trim().slice(-TAIL_CHARACTERS)}`);
}

function findPrograms(names: readonly string[], debianPackage: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const path = programFolders().map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (path === undefined) {
      throw new Error(`${name} is not on PATH; Debian's package ${debianPackage} has it`);
    }
    found[name] = path;
  }
  return found;
}

/** PATH, and where Debian puts servers besides. */
function programFolders(): string[] {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
  return [...path, "/usr/sbin", ...versions.map((version) => join(DEBIAN_POSTGRES, version, "bin"))];
}

function programOf({ programs }: Place, name: string): string {
  const path = programs[name];
  if (path === undefined) throw new TypeError(`${name} was not looked for`);
  return path;
}

async function prepareRedis(place: Place): Promise<ServerCommand> {
  const flags = ["--port", String(KINDS.redis.port), "--bind", LOOPBACK, "--dir", place.folder, "--save", ""];
  return await Promise.resolve({
    words: [programOf(place, "redis-server"), ...flags],
    ready: /Ready to accept connections/,
  });
}

async function prepareMemcached(place: Place): Promise<ServerCommand> {
  const flags = ["--listen", LOOPBACK, "--port", String(KINDS.memcached.port), "--udp-port", "0"];
  return await Promise.resolve({
    words: [programOf(place, "memcached"), ...flags],
    ready: KINDS.memcached.port,
  });
}

async function preparePostgres(place: Place): Promise<ServerCommand> {
  const { folder } = place;
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, POSTGRES_PASSWORD);
  const init = ["--pgdata", data, "--username", POSTGRES_USER, "--pwfile", passwordFile, "--no-sync"];
  const access = ["--auth-host", "scram-sha-256", "--auth-local", "trust", "--encoding", "UTF8", "--locale", "C"];
  await runToEnd([programOf(place, "initdb"), ...init, ...access], place);
  const postgres = programOf(place, "postgres");
  await runToEnd([postgres, "--single", "-D", data, "template1"], place, `CREATE DATABASE ${DATABASE}\n`);
  const settings = { listen_addresses: LOOPBACK, unix_socket_directories: folder, fsync: "off" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return {
    words: [postgres, "-D", data, "-p", String(KINDS.postgres.port), ...flags],
    ready: /database system is ready to accept connections/,
    endSignal: "SIGINT",
  };
}

async function prepareMariadb(place: Place): Promise<ServerCommand> {
  const { folder } = place;
  const data = `--datadir=${join(folder, "data")}`;
  const user = `'root'@'${LOOPBACK}'`;
  const statements = join(folder, "init.sql");
  writeFileSync(
    statements,
    `CREATE DATABASE IF NOT EXISTS ${DATABASE};\n` +
      `CREATE OR REPLACE USER ${user} IDENTIFIED BY '${MARIADB_ROOT_PASSWORD}';\nGRANT ALL ON *.* TO ${user};\n`,
  );
  const install = ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"];
  await runToEnd([programOf(place, "mariadb-install-db"), ...install, "--skip-name-resolve"], place);
  const files = [
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--init-file=${statements}`,
  ];
  const network = [`--port=${KINDS.mariadb.port}`, `--bind-address=${LOOPBACK}`, "--skip-name-resolve"];
  return {
    words: [
      programOf(place, "mariadbd"),
      ...["--no-defaults", data, ...files, ...network, `--version=${MARIADB_VERSION}`],
    ],
    ready: /ready for connections/,
  };
}
