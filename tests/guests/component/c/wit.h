// Names of WIT for C without a libc, and the memory that the runtime allocates.
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

extern unsigned char __heap_base;
static uintptr_t heap_top;

// A bump allocator: nothing is freed but what is at its top.
EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
  if (heap_top == 0) heap_top = (uintptr_t)&__heap_base;
  if (new_size == 0) return (void *)align;
  uintptr_t at = (heap_top + align - 1) & ~(uintptr_t)(align - 1);
  if (old != NULL && old_size != 0 && (uintptr_t)old + old_size == heap_top) at = (uintptr_t)old;
  uintptr_t end = at + new_size;
  uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == (size_t)-1) __builtin_trap();
  heap_top = end;
  if (old != NULL && old_size != 0 && at != (uintptr_t)old) {
    for (size_t i = 0; i < old_size && i < new_size; i++) ((char *)at)[i] = ((char *)old)[i];
  }
  return (void *)at;
}

// Frees all that was allocated since the last call.
static inline void free_all(void) { heap_top = 0; }

// wasm32-freestanding has none of these, and the compiler calls them.
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  for (size_t i = 0; i < n; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int value, size_t n) {
  for (size_t i = 0; i < n; i++) ((volatile char *)to)[i] = (char)value;
  return to;
}
