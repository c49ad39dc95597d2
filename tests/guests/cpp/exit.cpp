// Exits with 7 in a function above which destructors, a handler and a noexcept function wait, or throws for them.
// There is no library of C++ for this target: what the compiler needs of its runtime stands here.
extern "C" {
int puts(const char *);
[[noreturn]] void exit(int);
[[noreturn]] void abort(void);

struct {
  unsigned long index;
  void *lsda;
  unsigned long selector;
} __wasm_lpad_context;

int _Unwind_CallPersonality(void *) {
  __wasm_lpad_context.selector = 1;
  return 0;
}
void *__cxa_begin_catch(void *thrown) { return thrown; }
void __cxa_end_catch(void) {}
int __gxx_personality_wasm0(...) { return 0; }
}

namespace std {
[[noreturn]] void terminate() noexcept {
  puts("terminated");
  abort();
}
}

struct Witness {
  const char *text;
  ~Witness() { puts(text); }
};

[[gnu::noinline]] static void raise() {
  int thrown = 1;
  __builtin_wasm_throw(0, &thrown);
}

[[gnu::noinline]] static void leave(bool exits) {
  Witness witness{"a destructor has run"};
  if (exits) exit(7);
  raise();
}

[[gnu::noinline]] static void cannotThrow() noexcept { leave(true); }

[[gnu::noinline]] static void handle(bool exits) {
  try {
    if (exits) cannotThrow();
    leave(false);
  } catch (...) {
    puts("caught");
  }
}

int main(int argc, char **) {
  handle(false);
  if (argc > 1) raise();
  Witness witness{"the destructor of main has run"};
  puts("exiting");
  handle(true);
  return 99;
}
