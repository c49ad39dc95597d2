import { runtimeNetworkBackend } from "../system/socket_systems.ts";
import { socketSuites } from "./socket_suites.ts";

socketSuites("the runtime's own network", await runtimeNetworkBackend());
