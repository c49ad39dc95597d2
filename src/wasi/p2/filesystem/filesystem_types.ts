/** Resource types of `wasi:filesystem/types`, for one guest. */

import { ResourceType } from "../../../component/link/resource_type.ts";
import type { DirectoryEntries } from "../../../core/fs/entries.ts";
import type { WasiHost } from "../../host.ts";
import { type GuestIo, guestIo } from "../io/guest_io.ts";
import type { Descriptor } from "./descriptor.ts";
import { type Filesystem, guestFilesystem } from "./filesystem.ts";

/** What the interfaces with files share, for one guest. */
export interface FilesystemTypes {
  /** What the descriptors share. */
  readonly filesystem: Filesystem;
  /** Streams. */
  readonly io: GuestIo;
  /** The resource `descriptor`. */
  readonly descriptor: ResourceType<Descriptor>;
  /** The resource `directory-entry-stream`. */
  readonly entries: ResourceType<DirectoryEntries>;
}

/** What the interfaces with files share: `host.shared(filesystemTypes)`. */
export function filesystemTypes(host: WasiHost): FilesystemTypes {
  const filesystem = host.shared(guestFilesystem);
  return {
    filesystem,
    io: host.shared(guestIo),
    descriptor: new ResourceType("descriptor", (descriptor) => descriptor.close()),
    entries: new ResourceType("directory-entry-stream", (entries) => {
      entries.close();
      filesystem.openFiles.release();
    }),
  };
}
