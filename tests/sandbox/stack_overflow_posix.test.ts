import { describeStackOverflow } from "./stack_overflow.ts";

describeStackOverflow("the system's calls");
