import { socketSuite } from "../system/socket_suite.ts";
import { posixSocketBackend } from "./posix_sockets.ts";

socketSuite("the posix network, in a thread that blocks", await posixSocketBackend("block"));
