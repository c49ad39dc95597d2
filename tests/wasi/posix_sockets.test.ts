import { posixSocketBackend } from "../posix/posix_sockets.ts";
import { socketSuites } from "./socket_suites.ts";

socketSuites("the posix network", await posixSocketBackend("suspend"));
