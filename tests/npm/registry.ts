/**
 * An npm registry with one package, on the loopback interface.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The registry. */
export interface Registry {
  /** Its address. */
  readonly url: string;
  /** End it. */
  close(): Promise<void>;
}

/** Serve the package that `manifest` (a package.json) describes. */
export async function startRegistry(manifest: string, tarball: string): Promise<Registry> {
  const description = JSON.parse(readFileSync(manifest, "utf8")) as { name: string; version: string };
  const { name, version } = description;
  const bytes = readFileSync(tarball);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const server = createServer((request, response) => {
    if (request.url === `/${name}`) {
      const dist = { tarball: `${url}${name}.tgz`, integrity };
      const versions = { [version]: { ...description, dist } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    } else if (request.url === `/${name}.tgz`) {
      response.end(bytes);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
