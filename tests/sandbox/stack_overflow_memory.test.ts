import { describeStackOverflow } from "./stack_overflow.ts";

describeStackOverflow("memory");
