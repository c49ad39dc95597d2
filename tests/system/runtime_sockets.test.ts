import { socketSuite } from "./socket_suite.ts";
import { runtimeNetworkBackend } from "./socket_systems.ts";

socketSuite("the runtime's own network", await runtimeNetworkBackend());
