// A command is fields that U+001F separates: a name, and arguments. A reply is `ok` or an error code, and what the call
// has produced, in fields as well.
#include "wit.h"

#define SEPARATOR 0x1f
#define FIELDS 24

struct list { const char *at; size_t length; };

static struct list fields[FIELDS];
static char reply[192 * 1024];
static size_t reply_length;
static _Alignas(8) uint8_t r[128];

static int32_t word(int at) { return *(int32_t *)(r + at); }
static uint64_t wide(int at) { return *(uint64_t *)(r + at); }

static void put_bytes(const char *at, size_t length) {
  if (length > sizeof reply - reply_length) __builtin_trap();
  memcpy(reply + reply_length, at, length);
  reply_length += length;
}
static void put(const char *text) {
  while (*text != 0) put_bytes(text++, 1);
}
static void separate(void) {
  const char separator = SEPARATOR;
  put_bytes(&separator, 1);
}
static void put_number(uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  put_bytes(digits + at, sizeof digits - at);
}
static void number_field(uint64_t value) { separate(); put_number(value); }
static void text_field(const char *text) { separate(); put(text); }
static void bytes_field(const char *at, size_t length) { separate(); put_bytes(at, length); }

static uint64_t number(int field) {
  uint64_t value = 0;
  for (size_t i = 0; i < fields[field].length; i++) value = value * 10 + (uint64_t)(fields[field].at[i] - '0');
  return value;
}
static int32_t handle(int field) { return (int32_t)number(field); }
#define TEXT(field) fields[field].at, fields[field].length

static void split(const char *at, size_t length) {
  int count = 0;
  const char *end = at + length;
  fields[0].at = at;
  for (; at < end; at++) {
    if (*at != SEPARATOR) continue;
    fields[count].length = (size_t)(at - fields[count].at);
    if (++count == FIELDS) __builtin_trap();
    fields[count].at = at + 1;
  }
  fields[count].length = (size_t)(at - fields[count].at);
  while (++count < FIELDS) fields[count].length = 0;
}
static int is(const char *name) {
  size_t i = 0;
  while (i < fields[0].length && name[i] == fields[0].at[i] && name[i] != 0) i++;
  return i == fields[0].length && name[i] == 0;
}
