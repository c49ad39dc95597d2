import { memoryBackend } from "./backends.ts";
import { systemSuite } from "./suite.ts";

systemSuite("memory", memoryBackend);
