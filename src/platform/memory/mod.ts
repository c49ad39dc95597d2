/**
 * A platform in memory, for tests, for guests that must not touch the host, and for runtimes that no other platform is
 * for; and directories in memory, which can be mounted on every platform.
 *
 * @module
 */

export { memoryPlatform } from "./platform.ts";
export type { MemoryPlatform, MemoryPlatformOptions } from "./platform.ts";
export { memoryDirectory, MemorySymlink, symlink } from "./fs/tree.ts";
export type { MemoryDirectoryOptions, MemoryTree } from "./fs/tree.ts";
export { MemoryDirectory } from "./fs/directory.ts";
export type { MemoryFile } from "./fs/file.ts";
export type { MemoryLimits } from "./fs/quota.ts";
export { ManualClock } from "./manual_clock.ts";
export type { ManualClockOptions } from "./manual_clock.ts";
export { seededRandom } from "./random.ts";
export { MemoryInput, MemoryOutput } from "./stdio.ts";
export { VirtualNetwork, virtualNetwork } from "./network/virtual_network.ts";
export type { VirtualNetworkOptions, VirtualWaitOptions } from "./network/virtual_network.ts";
export { VirtualNetworkError } from "./network/address.ts";
export type { VirtualAddress, VirtualInetAddress, VirtualUnixAddress } from "./network/address.ts";
export type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  ListenerEvents,
  ListenerHandle,
  OptionValues,
  SocketDriver,
} from "../../core/net/events/driver.ts";
export type { VirtualConnection } from "./network/connection.ts";
export type { VirtualListener } from "./network/listener.ts";
export type { HostTable } from "./network/name_table.ts";
