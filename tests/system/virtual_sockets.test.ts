import { socketSuite } from "./socket_suite.ts";
import { virtualBackend } from "./socket_systems.ts";

socketSuite("the virtual network", await virtualBackend());
