import { runtimeBackend } from "./backends.ts";
import { systemSuite } from "./suite.ts";

systemSuite("the runtime's own files", runtimeBackend);
