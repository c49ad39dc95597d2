// Traps in a known line, below functions that call one another in known lines.
static int divide(int a, int b) {
  return a / b;
}

static int recurse(int depth) {
  if (depth > 0) return recurse(depth - 1) + 1;
  return divide(depth, depth);
}

int main(int argc, char **argv) {
  (void)argv;
  return recurse(argc);
}
