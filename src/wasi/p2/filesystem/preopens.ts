/** `wasi:filesystem/preopens`: the directories that a guest starts with. */

import type { HostInterface, WasiHost } from "../../host.ts";
import { Descriptor } from "./descriptor.ts";
import { filesystemTypes } from "./filesystem_types.ts";

/**
 * The interface `wasi:filesystem/preopens@0.2`. Each call of `get-directories` opens every mount once more.
 *
 * @throws {TypeError} If the path of a mount is not well-formed Unicode, which a WIT string must be.
 */
export function preopensInterface(host: WasiHost): HostInterface {
  const { filesystem, descriptor } = host.shared(filesystemTypes);
  const { mounts } = host.guest;
  for (const { path } of mounts) {
    if (path.isWellFormed()) continue;
    throw new TypeError(
      `Cannot preopen ${JSON.stringify(path)}: a component's paths must be UTF-8; mount it elsewhere`,
    );
  }
  return {
    functions: {
      "get-directories": {
        type: "func() -> list<tuple<own<descriptor>, string>>",
        call: () => mounts.map((mount) => [Descriptor.ofMount(filesystem, mount), mount.path]),
      },
    },
    resources: { descriptor },
  };
}
