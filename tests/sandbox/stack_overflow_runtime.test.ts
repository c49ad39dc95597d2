import { describeStackOverflow } from "./stack_overflow.ts";

describeStackOverflow("the runtime's own calls");
