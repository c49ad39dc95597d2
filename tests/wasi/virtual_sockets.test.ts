import { virtualBackend } from "../system/socket_systems.ts";
import { socketSuites } from "./socket_suites.ts";

const backend = await virtualBackend();
socketSuites("the virtual network", backend);
