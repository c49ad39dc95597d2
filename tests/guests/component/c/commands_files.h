// Commands of wasi:filesystem, and of the streams of files and sockets.

#define FILES "wasi:filesystem/types@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define DESCRIPTOR(name) IMPORT(FILES, "[method]descriptor." name)

IMPORT("wasi:filesystem/preopens@0.2.12", "get-directories") void get_directories(void *result);
DESCRIPTOR("open-at")
void open_at(int32_t self, int32_t path_flags, const char *path, size_t length, int32_t open, int32_t flags, void *result);
DESCRIPTOR("read") void file_read(int32_t self, uint64_t length, uint64_t offset, void *result);
DESCRIPTOR("write") void file_write(int32_t self, const char *at, size_t length, uint64_t offset, void *result);
DESCRIPTOR("stat") void file_stat(int32_t self, void *result);
DESCRIPTOR("stat-at") void file_stat_at(int32_t self, int32_t flags, const char *path, size_t length, void *result);
DESCRIPTOR("metadata-hash") void file_hash(int32_t self, void *result);
DESCRIPTOR("metadata-hash-at") void file_hash_at(int32_t self, int32_t flags, const char *path, size_t length, void *result);
DESCRIPTOR("is-same-object") int32_t is_same(int32_t self, int32_t other);
DESCRIPTOR("get-flags") void get_flags(int32_t self, void *result);
DESCRIPTOR("get-type") void get_type(int32_t self, void *result);
DESCRIPTOR("set-size") void set_size(int32_t self, uint64_t size, void *result);
DESCRIPTOR("sync") void file_sync(int32_t self, void *result);
DESCRIPTOR("sync-data") void file_sync_data(int32_t self, void *result);
DESCRIPTOR("advise") void file_advise(int32_t self, uint64_t offset, uint64_t length, int32_t advice, void *result);
#define TIME int32_t, uint64_t, int32_t
DESCRIPTOR("set-times") void set_times(int32_t self, TIME, TIME, void *result);
DESCRIPTOR("set-times-at")
void set_times_at(int32_t self, int32_t flags, const char *path, size_t length, TIME, TIME, void *result);
DESCRIPTOR("create-directory-at") void make_directory(int32_t self, const char *path, size_t length, void *result);
DESCRIPTOR("remove-directory-at") void remove_directory(int32_t self, const char *path, size_t length, void *result);
DESCRIPTOR("unlink-file-at") void unlink_file(int32_t self, const char *path, size_t length, void *result);
DESCRIPTOR("readlink-at") void read_link(int32_t self, const char *path, size_t length, void *result);
DESCRIPTOR("symlink-at")
void make_symlink(int32_t self, const char *target, size_t target_length, const char *path, size_t length, void *result);
DESCRIPTOR("rename-at")
void move(int32_t self, const char *path, size_t length, int32_t to, const char *name, size_t name_length, void *result);
DESCRIPTOR("link-at")
void make_link(int32_t self, int32_t flags, const char *path, size_t length, int32_t to, const char *name, size_t name_length,
  void *result);
DESCRIPTOR("read-directory") void read_directory(int32_t self, void *result);
DESCRIPTOR("read-via-stream") void read_via_stream(int32_t self, uint64_t offset, void *result);
DESCRIPTOR("write-via-stream") void write_via_stream(int32_t self, uint64_t offset, void *result);
DESCRIPTOR("append-via-stream") void append_via_stream(int32_t self, void *result);
IMPORT(FILES, "[resource-drop]descriptor") void drop_descriptor(int32_t self);
IMPORT(FILES, "[method]directory-entry-stream.read-directory-entry") void next_entry(int32_t self, void *result);
IMPORT(FILES, "[resource-drop]directory-entry-stream") void drop_entries(int32_t self);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const char *at, size_t length, void *result);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);

static const char *const file_codes[] = {
  "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
  "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
  "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
  "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted",
  "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
};
static const char *const file_types[] = {
  "unknown", "block-device", "character-device", "directory", "fifo", "symbolic-link", "regular-file", "socket",
};

// Writes `ok` or the code that is in the result in front of a payload of that alignment.
static int file_ok(int payload) {
  put(r[0] == 0 ? "ok" : file_codes[r[payload]]);
  return r[0] == 0;
}
static void stat_reply(void) {
  if (!file_ok(8)) return;
  text_field(file_types[r[8]]);
  number_field(wide(16));
  number_field(wide(24));
  for (int at = 32; at <= 80; at += 24) {
    separate();
    if (r[at] == 0) continue;
    put_number(wide(at + 8));
    put(".");
    put_number((uint32_t)word(at + 16));
  }
}
static void hash_reply(void) {
  if (!file_ok(8)) return;
  number_field(wide(8));
  number_field(wide(16));
}
static void handle_reply(void) {
  if (file_ok(4)) number_field((uint32_t)word(4));
}
static void preopens_reply(void) {
  struct list list;
  get_directories(&list);
  put("ok");
  const struct { int32_t descriptor; struct list path; } *each = (const void *)list.at;
  for (; list.length > 0; list.length--, each++) {
    number_field((uint32_t)each->descriptor);
    bytes_field(each->path.at, each->path.length);
  }
}
static void list_reply(void) {
  read_directory(handle(1), r);
  if (!file_ok(4)) return;
  int32_t entries = word(4);
  for (;;) {
    next_entry(entries, r);
    if (r[0] != 0) { text_field(file_codes[r[4]]); break; }
    if (r[4] == 0) break;
    bytes_field((const char *)(uintptr_t)word(12), (size_t)word(16));
    text_field(file_types[r[8]]);
  }
  drop_entries(entries);
}
static int stream_ok(void) {
  put(r[0] == 0 ? "ok" : r[4] == 1 ? "closed" : "last-operation-failed");
  return r[0] == 0;
}

static int file_command(void) {
#define CALL(name, ...) if (is(name)) { __VA_ARGS__; return file_ok(1), 1; }
#define REPLY(name, reply, ...) if (is(name)) { __VA_ARGS__; reply(); return 1; }
  REPLY("open-at", handle_reply, open_at(handle(1), handle(2), TEXT(3), handle(4), handle(5), r))
  REPLY("stat", stat_reply, file_stat(handle(1), r))
  REPLY("stat-at", stat_reply, file_stat_at(handle(1), handle(2), TEXT(3), r))
  REPLY("metadata-hash", hash_reply, file_hash(handle(1), r))
  REPLY("metadata-hash-at", hash_reply, file_hash_at(handle(1), handle(2), TEXT(3), r))
  REPLY("read-directory", handle_reply, read_directory(handle(1), r))
  REPLY("read-via-stream", handle_reply, read_via_stream(handle(1), number(2), r))
  REPLY("write-via-stream", handle_reply, write_via_stream(handle(1), number(2), r))
  REPLY("append-via-stream", handle_reply, append_via_stream(handle(1), r))
  REPLY("get-directories", preopens_reply, (void)0)
  REPLY("list", list_reply, (void)0)
  CALL("set-size", set_size(handle(1), number(2), r))
  CALL("sync", file_sync(handle(1), r))
  CALL("sync-data", file_sync_data(handle(1), r))
  CALL("advise", file_advise(handle(1), number(2), number(3), handle(4), r))
  CALL("set-times", set_times(handle(1), handle(2), number(3), handle(4), handle(5), number(6), handle(7), r))
  CALL("set-times-at",
    set_times_at(handle(1), handle(2), TEXT(3), handle(4), number(5), handle(6), handle(7), number(8), handle(9), r))
  CALL("create-directory-at", make_directory(handle(1), TEXT(2), r))
  CALL("remove-directory-at", remove_directory(handle(1), TEXT(2), r))
  CALL("unlink-file-at", unlink_file(handle(1), TEXT(2), r))
  CALL("symlink-at", make_symlink(handle(1), TEXT(2), TEXT(3), r))
  CALL("rename-at", move(handle(1), TEXT(2), handle(3), TEXT(4), r))
  CALL("link-at", make_link(handle(1), handle(2), TEXT(3), handle(4), TEXT(5), r))
  if (is("read")) {
    file_read(handle(1), number(2), number(3), r);
    if (file_ok(4)) bytes_field((const char *)(uintptr_t)word(4), (size_t)word(8));
  } else if (is("write")) {
    file_write(handle(1), TEXT(2), number(3), r);
    if (file_ok(8)) number_field(wide(8));
  } else if (is("readlink-at")) {
    read_link(handle(1), TEXT(2), r);
    if (file_ok(4)) bytes_field((const char *)(uintptr_t)word(4), (size_t)word(8));
  } else if (is("get-flags")) {
    get_flags(handle(1), r);
    if (file_ok(1)) number_field(r[1]);
  } else if (is("get-type")) {
    get_type(handle(1), r);
    if (file_ok(1)) text_field(file_types[r[1]]);
  } else if (is("is-same-object")) {
    put(is_same(handle(1), handle(2)) ? "true" : "false");
  } else return 0;
  return 1;
}

static int stream_command(void) {
  if (is("stream-read")) {
    blocking_read(handle(1), number(2), r);
    if (stream_ok()) bytes_field((const char *)(uintptr_t)word(4), (size_t)word(8));
  } else if (is("stream-write")) {
    write_and_flush(handle(1), TEXT(2), r);
    stream_ok();
  } else return 0;
  return 1;
}
