// Exports of every kind of value, resources of its own, and calls of the host's functions and resources.
#include "wit.h"

#define HOST "test:library/host@1.2.0"
#define API(name) EXPORT("test:library/api@1.2.0#" name)

struct text { const char *at; size_t length; };
struct fetched { uint32_t is_error; union { struct text text; uint32_t code; } as; };

IMPORT(HOST, "log") void host_log(const char *at, size_t length);
IMPORT(HOST, "fetch") void host_fetch(const char *at, size_t length, struct fetched *result);
IMPORT(HOST, "[constructor]blob") int32_t blob_new(const uint8_t *at, size_t length);
IMPORT(HOST, "[method]blob.size") uint32_t blob_size(int32_t self);
IMPORT(HOST, "[static]blob.join") int32_t blob_join(int32_t a, int32_t b);
IMPORT(HOST, "[resource-drop]blob") void blob_drop(int32_t self);
IMPORT("[export]test:library/api@1.2.0", "[resource-new]counter") int32_t counter_handle(uint32_t rep);
IMPORT("[export]test:library/api@1.2.0", "[resource-rep]counter") uint32_t counter_rep(int32_t handle);
IMPORT("[export]test:library/api@1.2.0", "[resource-drop]counter") void counter_drop(int32_t handle);

// A counter's rep is its index; 0 is no counter.
static uint32_t counters[64], used, dropped;
static struct text text_result;
static uint64_t area_result[4];

static char *joined(const char *a, size_t a_length, const char *b, size_t b_length) {
  char *at = cabi_realloc(NULL, 0, 1, a_length + b_length);
  memcpy(at, a, a_length);
  memcpy(at + a_length, b, b_length);
  text_result.at = at;
  text_result.length = a_length + b_length;
  return at;
}

API("[constructor]counter") int32_t counter_new(uint32_t start) {
  counters[++used % 64] = start;
  return counter_handle(used % 64);
}
API("[method]counter.increment") uint32_t increment(uint32_t rep, uint32_t by) { return counters[rep] += by; }
API("[static]counter.sum") uint32_t sum(uint32_t a, uint32_t b) { return counters[a] + counters[b]; }
API("[static]counter.merge") int32_t merge(int32_t a, int32_t b) {
  uint32_t total = counters[counter_rep(a)] + counters[counter_rep(b)];
  counter_drop(a);
  counter_drop(b);
  return counter_new(total);
}
API("[dtor]counter") void counter_destructor(uint32_t rep) {
  counters[rep] = 0;
  dropped++;
}
API("drops") uint32_t drops(void) { return dropped; }

EXPORT("plain") uint32_t plain(uint32_t a) { return a + 1; }
API("add") uint32_t add(uint32_t a, uint32_t b) { return a + b; }
API("greet") struct text *greet(const char *name, size_t length) {
  joined("hello, ", 7, name, length);
  return &text_result;
}
EXPORT("cabi_post_test:library/api@1.2.0#greet") void after_greet(struct text *result) {
  (void)result;
  free_all();
}
API("swap") int32_t *swap(int32_t x, int32_t y) {
  static int32_t result[2];
  result[0] = y;
  result[1] = x;
  return result;
}
API("area") double area(int32_t kind, int64_t bits, int32_t y) {
  union { int64_t bits; double number; } value = { bits };
  if (kind == 0) return value.number * value.number * 3;
  return kind == 1 ? (double)(int32_t)bits * y : 0;
}
API("checked-divide") void *checked_divide(int32_t a, int32_t b) {
  struct { uint8_t is_error; union { int32_t value; struct text text; } as; } *result = (void *)area_result;
  result->is_error = b == 0;
  if (b != 0) result->as.value = a / b;
  else {
    result->as.text.at = "divided by zero";
    result->as.text.length = 15;
  }
  return result;
}
API("nest") uint8_t *nest(int32_t is_some, int32_t value) {
  static uint8_t result[3];
  result[0] = !is_some || value != 0;
  result[1] = is_some;
  result[2] = (uint8_t)value;
  return result;
}
API("reverse") struct text *reverse(uint8_t *at, size_t length) {
  for (size_t i = 0; i < length / 2; i++) {
    uint8_t byte = at[i];
    at[i] = at[length - 1 - i];
    at[length - 1 - i] = byte;
  }
  text_result.at = (char *)at;
  text_result.length = length;
  return &text_result;
}
API("next-color") int32_t next_color(int32_t color) { return (color + 1) % 3; }
API("invert") int32_t invert(int32_t mode) { return mode ^ 7; }
API("wide") uint64_t wide(uint64_t a, int64_t b) { return a + (uint64_t)b; }
API("letter") int32_t letter(int32_t c) { return c + 1; }
API("total") uint32_t total(uint8_t *p) {
  uint32_t result = (uint32_t)p[0] + (uint32_t)*(int8_t *)(p + 1) + *(uint16_t *)(p + 2) + (uint32_t)*(int16_t *)(p + 4);
  result += *(uint32_t *)(p + 8) + *(uint32_t *)(p + 12);
  for (int i = 16; i < 26; i++) result += p[i];
  return result + *(uint32_t *)(p + 28);
}
API("log-twice") void log_twice(const char *at, size_t length) {
  host_log(at, length);
  host_log(at, length);
}
API("ask") struct text *ask(const char *at, size_t length) {
  struct fetched answer;
  host_fetch(at, length, &answer);
  if (answer.is_error & 0xff) {
    char digit = (char)('0' + answer.as.code % 10);
    joined("error ", 6, &digit, 1);
  } else joined(answer.as.text.at, answer.as.text.length, "!", 1);
  return &text_result;
}
API("joined-size") uint32_t joined_size(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length) {
  int32_t first = blob_new(a, a_length), second = blob_new(b, b_length), both = blob_join(first, second);
  uint32_t size = blob_size(both);
  blob_drop(first);
  blob_drop(second);
  blob_drop(both);
  return size;
}
API("trap") void trap(void) { __builtin_trap(); }
