/**
 * The servers that the suites talk to. Their ports, users and passwords are those that the suites have written in them.
 *
 * @module
 */

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { withScratchFolder } from "../conformance/scratch.ts";
import {
  handOver,
  LOOPBACK,
  type Owner,
  requireFreePort,
  runToEnd,
  type ServerCommand,
  unprivilegedOwner,
  whileServing,
} from "./server_process.ts";

/** A server. */
export type ServerName = "redis" | "memcached" | "postgres" | "mariadb";

/** A server is not installed. */
export class MissingServerError extends Error {
  override readonly name: string = "MissingServerError";
}

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

/**
 * Run a server while `task` runs.
 *
 * @throws {MissingServerError} It is not installed.
 * @throws {Error} It did not start.
 */
export async function withServer<Result>(name: ServerName, task: () => Promise<Result>): Promise<Result> {
  const { port, prepare, programs, debianPackage } = KINDS[name];
  const found = findPrograms(programs, debianPackage);
  await requireFreePort(port);
  return await withScratchFolder(async (folder) => {
    const owner = unprivilegedOwner();
    handOver(folder, owner);
    const command = await prepare({ folder, owner, programs: found });
    return await whileServing(command, port, folder, owner, task);
  });
}

function findPrograms(names: readonly string[], debianPackage: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const path = programFolders().map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (path === undefined) {
      throw new MissingServerError(`${name} is not on PATH; Debian's package ${debianPackage} has it`);
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
    command: [programOf(place, "redis-server"), ...flags],
    ready: /Ready to accept connections/,
  });
}

async function prepareMemcached(place: Place): Promise<ServerCommand> {
  const flags = ["--listen", LOOPBACK, "--port", String(KINDS.memcached.port), "--udp-port", "0"];
  return await Promise.resolve({ command: [programOf(place, "memcached"), ...flags] });
}

async function preparePostgres(place: Place): Promise<ServerCommand> {
  const { folder, owner } = place;
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, POSTGRES_PASSWORD);
  const init = ["--pgdata", data, "--username", POSTGRES_USER, "--pwfile", passwordFile, "--no-sync"];
  const access = ["--auth-host", "scram-sha-256", "--auth-local", "trust", "--encoding", "UTF8", "--locale", "C"];
  await runToEnd([programOf(place, "initdb"), ...init, ...access], folder, owner);
  const postgres = programOf(place, "postgres");
  await runToEnd([postgres, "--single", "-D", data, "template1"], folder, owner, `CREATE DATABASE ${DATABASE}\n`);
  const settings = { listen_addresses: LOOPBACK, unix_socket_directories: folder, fsync: "off" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return {
    command: [postgres, "-D", data, "-p", String(KINDS.postgres.port), ...flags],
    ready: /database system is ready to accept connections/,
    endSignal: "SIGINT",
  };
}

async function prepareMariadb(place: Place): Promise<ServerCommand> {
  const { folder, owner } = place;
  const data = `--datadir=${join(folder, "data")}`;
  const user = `'root'@'${LOOPBACK}'`;
  const statements = join(folder, "init.sql");
  writeFileSync(
    statements,
    `CREATE DATABASE IF NOT EXISTS ${DATABASE};\n` +
      `CREATE OR REPLACE USER ${user} IDENTIFIED BY '${MARIADB_ROOT_PASSWORD}';\nGRANT ALL ON *.* TO ${user};\n`,
  );
  const install = ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"];
  await runToEnd([programOf(place, "mariadb-install-db"), ...install, "--skip-name-resolve"], folder, owner);
  const files = [
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--init-file=${statements}`,
  ];
  const network = [`--port=${KINDS.mariadb.port}`, `--bind-address=${LOOPBACK}`, "--skip-name-resolve"];
  return {
    command: [
      programOf(place, "mariadbd"),
      ...["--no-defaults", data, ...files, ...network, `--version=${MARIADB_VERSION}`],
    ],
    ready: /ready for connections/,
  };
}
