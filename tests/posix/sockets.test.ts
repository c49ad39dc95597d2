import { socketSuite } from "../system/socket_suite.ts";
import { posixSocketBackend } from "./posix_sockets.ts";

socketSuite("the posix network", await posixSocketBackend("suspend"));
