// A program of preview 1 that calls what its caller provides by the types of WIT: functions and resources of the world
// itself and of an interface. It prints the results. Arguments: what else it does.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define STORE "test:mixed/store@1.0.0"

IMPORT("$root", "add-all") uint32_t add_all(uint32_t a, uint32_t b);
IMPORT("$root", "sum") uint32_t sum(uint32_t x, uint32_t y);
IMPORT("$root", "[constructor]counter") int32_t new_counter(uint32_t start);
IMPORT("$root", "[method]counter.add") uint32_t counter_add(int32_t counter, uint32_t by);
IMPORT("$root", "[static]counter.twice") int32_t counter_twice(int32_t counter);
IMPORT("$root", "[resource-drop]counter") void drop_counter(int32_t counter);

struct string { const char *at; size_t length; };
struct later { uint8_t is_error; union { uint32_t ok; struct string error; }; };

IMPORT(STORE, "[constructor]item") int32_t new_item(const char *at, size_t length);
IMPORT(STORE, "[method]item.name") void item_name(int32_t item, struct string *result);
IMPORT(STORE, "[static]item.join") int32_t join(int32_t a, int32_t b);
IMPORT(STORE, "[resource-drop]item") void drop_item(int32_t item);
IMPORT(STORE, "count") uint32_t count(const struct string *at, size_t length);
IMPORT(STORE, "later") void later(uint32_t ms, struct later *result);

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size, (void)align;
  return realloc(old, size);
}

static void print_later(uint32_t ms) {
  struct later result;
  later(ms, &result);
  if (result.is_error) printf("error %.*s\n", (int)result.error.length, result.error.at);
  else printf("ok %u\n", result.ok);
}

static void use_counter(void) {
  int32_t counter = new_counter(5);
  uint32_t added = counter_add(counter, 2);
  int32_t twice = counter_twice(counter);
  printf("counter %u %u\n", added, counter_add(twice, 1));
  drop_counter(twice);
  drop_counter(counter);
}

static void use_items(void) {
  int32_t a = new_item("a", 1), b = new_item("b", 1), both = join(a, b);
  struct string name;
  item_name(both, &name);
  printf("item %.*s\n", (int)name.length, name.at);
  drop_item(a), drop_item(b), drop_item(both);
}

// A name so long that memory must grow while the host stores it.
static void grow(void) {
  size_t before = __builtin_wasm_memory_size(0);
  int32_t item = new_item("long", 4);
  struct string name;
  item_name(item, &name);
  printf("grown %d, %zu bytes\n", __builtin_wasm_memory_size(0) > before, name.length);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  printf("%u %u\n", add_all(2, 3), sum(4, 5));
  use_counter();
  use_items();
  struct string words[] = {{"one", 3}, {"two", 3}};
  printf("count %u\n", count(words, 2));
  print_later(3);
  print_later(0);
  if (strcmp(what, "grow") == 0) grow();
  fflush(stdout);
  if (strcmp(what, "drop") == 0) drop_counter(99);
  if (strcmp(what, "bad") == 0) count((const struct string *)-8, 2);
  if (strcmp(what, "trap") == 0) __builtin_trap();
  return 4;
}
