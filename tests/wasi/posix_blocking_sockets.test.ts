import { posixSocketBackend } from "../posix/posix_sockets.ts";
import { socketSuites } from "./socket_suites.ts";

socketSuites("the posix network, in a thread that blocks", await posixSocketBackend("block"));
