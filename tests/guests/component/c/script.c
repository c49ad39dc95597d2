// Does the commands of files that come by standard input, one a line, and writes a line for each reply. The first field of a
// command is the slot that a handle it makes goes to, in place of the one that is there; `$N` is the handle in slot N.
#include "commands.h"
#include "commands_files.h"

IMPORT("wasi:cli/stdin@0.2.12", "get-stdin") int32_t get_stdin(void);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);

#define SLOTS 64
#define CHUNK 4096
enum kind { NONE, DESCRIPTOR_SLOT, INPUT_SLOT, OUTPUT_SLOT };

static struct { enum kind kind; int32_t handle; } slots[SLOTS];
static char script[1 << 20];
static size_t script_length;
static char handles[FIELDS][12];

static void read_script(void) {
  int32_t input = get_stdin();
  for (;;) {
    blocking_read(input, CHUNK, r);
    if (r[0] != 0) break;
    size_t length = (size_t)word(8);
    if (script_length + length > sizeof script) __builtin_trap();
    memcpy(script + script_length, (const char *)(uintptr_t)word(4), length);
    script_length += length;
    free_all();
  }
  drop_input(input);
}

static void write_reply(int32_t output) {
  put("\n");
  for (size_t at = 0; at < reply_length; at += CHUNK) {
    size_t length = reply_length - at < CHUNK ? reply_length - at : CHUNK;
    write_and_flush(output, reply + at, length, r);
    if (r[0] != 0) __builtin_trap();
  }
}

// What a handle is that a command makes.
static enum kind made_kind(void) {
  if (is("open-at")) return DESCRIPTOR_SLOT;
  if (is("read-via-stream")) return INPUT_SLOT;
  return is("write-via-stream") || is("append-via-stream") ? OUTPUT_SLOT : NONE;
}

// Puts handles in place of slots. @returns 0 if one of them is empty.
static int fill_slots(void) {
  for (int i = 1; i < FIELDS; i++) {
    if (fields[i].length < 2 || fields[i].at[0] != '$') continue;
    fields[i].at++;
    fields[i].length--;
    size_t slot = (size_t)number(i);
    if (slot >= SLOTS || slots[slot].kind == NONE) return 0;
    reply_length = 0;
    put_number((uint32_t)slots[slot].handle);
    memcpy(handles[i], reply, reply_length);
    fields[i] = (struct list){handles[i], reply_length};
    reply_length = 0;
  }
  return 1;
}

static void drop_slot(size_t slot) {
  int32_t handle = slots[slot].handle;
  if (slots[slot].kind == DESCRIPTOR_SLOT) drop_descriptor(handle);
  if (slots[slot].kind == INPUT_SLOT) drop_input(handle);
  if (slots[slot].kind == OUTPUT_SLOT) drop_output(handle);
  slots[slot].kind = NONE;
}

static void do_line(const char *at, size_t length) {
  reply_length = 0;
  split(at, length);
  size_t slot = (size_t)number(0);
  if (slot >= SLOTS) __builtin_trap();
  for (int i = 0; i + 1 < FIELDS; i++) fields[i] = fields[i + 1];
  if (is("drop")) {
    put(slots[slot].kind == NONE ? "empty" : "ok");
    drop_slot(slot);
    return;
  }
  if (!fill_slots()) { put("empty"); return; }
  enum kind kind = made_kind();
  if (!file_command() && !stream_command()) put("unknown command");
  if (kind == NONE) return;
  drop_slot(slot);
  if (r[0] != 0) return;
  slots[slot].kind = kind;
  slots[slot].handle = word(4);
  reply_length = 2;
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  read_script();
  struct list list;
  get_directories(&list);
  const struct { int32_t descriptor; struct list path; } *each = (const void *)list.at;
  for (size_t i = 0; i < list.length && i < SLOTS; i++) {
    slots[i].kind = DESCRIPTOR_SLOT;
    slots[i].handle = each[i].descriptor;
  }
  int32_t output = get_stdout();
  size_t start = 0;
  for (size_t at = 0; at < script_length; at++) {
    if (script[at] != '\n') continue;
    free_all();
    do_line(script + start, at - start);
    write_reply(output);
    start = at + 1;
  }
  drop_output(output);
  return 0;
}
