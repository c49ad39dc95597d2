// Serves HTTP: the first letter of the path says how, and what follows it is an argument. As a command it makes the requests
// that its arguments name.
#include "wit.h"

#define STREAMS "wasi:io/streams@0.2.12"
#define TYPES "wasi:http/types@0.2.12"

struct text { const char *at; size_t length; };
struct list { void *at; size_t length; };
struct entry { struct text name, value; };
struct option_text { uint32_t is_some; struct text text; };
struct handle_result { uint32_t is_error; int32_t handle; };

IMPORT(STREAMS, "[method]input-stream.blocking-read") void blocking_read(int32_t self, uint64_t length, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const void *at, size_t length, void *result);
IMPORT(STREAMS, "[resource-drop]input-stream") void drop_input(int32_t self);
IMPORT(STREAMS, "[resource-drop]output-stream") void drop_output(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[method]pollable.block") void block(int32_t self);
IMPORT("wasi:io/poll@0.2.12", "[resource-drop]pollable") void drop_pollable(int32_t self);
IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration") int32_t subscribe_duration(uint64_t when);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:cli/environment@0.2.12", "get-arguments") void get_arguments(struct list *result);
IMPORT(TYPES, "http-error-code") void http_error_code(int32_t error, void *result);
IMPORT(TYPES, "[constructor]fields") int32_t new_fields(void);
IMPORT(TYPES, "[method]fields.append")
void fields_append(int32_t self, const char *name, size_t name_length, const char *value, size_t length, void *result);
IMPORT(TYPES, "[method]fields.entries") void fields_entries(int32_t self, struct list *result);
IMPORT(TYPES, "[resource-drop]fields") void drop_fields(int32_t self);
IMPORT(TYPES, "[method]incoming-request.method") void request_method(int32_t self, void *result);
IMPORT(TYPES, "[method]incoming-request.path-with-query") void request_path(int32_t self, struct option_text *result);
IMPORT(TYPES, "[method]incoming-request.authority") void request_authority(int32_t self, struct option_text *result);
IMPORT(TYPES, "[method]incoming-request.scheme") void request_scheme(int32_t self, void *result);
IMPORT(TYPES, "[method]incoming-request.headers") int32_t request_headers(int32_t self);
IMPORT(TYPES, "[method]incoming-request.consume") void request_consume(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[resource-drop]incoming-request") void drop_request(int32_t self);
IMPORT(TYPES, "[method]incoming-body.stream") void body_stream(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[static]incoming-body.finish") int32_t body_trailers(int32_t self);
IMPORT(TYPES, "[resource-drop]incoming-body") void drop_incoming_body(int32_t self);
IMPORT(TYPES, "[method]future-trailers.subscribe") int32_t trailers_subscribe(int32_t self);
IMPORT(TYPES, "[method]future-trailers.get") void trailers_get(int32_t self, void *result);
IMPORT(TYPES, "[constructor]outgoing-response") int32_t new_response(int32_t headers);
IMPORT(TYPES, "[method]outgoing-response.set-status-code") int32_t set_status(int32_t self, int32_t status);
IMPORT(TYPES, "[method]outgoing-response.body") void response_body(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[method]outgoing-body.write") void body_write(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[static]outgoing-body.finish")
void body_finish(int32_t self, int32_t has_trailers, int32_t trailers, void *result);
IMPORT(TYPES, "[resource-drop]outgoing-body") void drop_body(int32_t self);
IMPORT(TYPES, "[resource-drop]response-outparam") void drop_outparam(int32_t self);
IMPORT(TYPES, "[static]response-outparam.set")
void outparam_set(int32_t self, int32_t is_error, int32_t a, int32_t b, int64_t c, int32_t d, int32_t e, int32_t f, int32_t g);
IMPORT("wasi:http/outgoing-handler@0.2.12", "handle")
void send_request(int32_t request, int32_t has_options, int32_t options, void *result);
IMPORT(TYPES, "[constructor]outgoing-request") int32_t new_request(int32_t headers);
IMPORT(TYPES, "[method]outgoing-request.set-method")
int32_t set_method(int32_t self, int32_t method, const char *at, size_t length);
IMPORT(TYPES, "[method]outgoing-request.set-path-with-query")
int32_t set_path(int32_t self, int32_t is_some, const char *at, size_t length);
IMPORT(TYPES, "[method]outgoing-request.set-authority")
int32_t set_authority(int32_t self, int32_t is_some, const char *at, size_t length);
IMPORT(TYPES, "[method]outgoing-request.set-scheme")
int32_t set_scheme(int32_t self, int32_t is_some, int32_t scheme, const char *at, size_t length);
IMPORT(TYPES, "[method]outgoing-request.body") void outgoing_body(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[constructor]request-options") int32_t new_options(void);
IMPORT(TYPES, "[method]request-options.set-connect-timeout") int32_t connect_timeout(int32_t self, int32_t is_some, int64_t ns);
IMPORT(TYPES, "[method]request-options.set-first-byte-timeout")
int32_t first_byte_timeout(int32_t self, int32_t is_some, int64_t ns);
IMPORT(TYPES, "[method]request-options.set-between-bytes-timeout")
int32_t between_bytes_timeout(int32_t self, int32_t is_some, int64_t ns);
IMPORT(TYPES, "[method]future-incoming-response.subscribe") int32_t response_subscribe(int32_t self);
IMPORT(TYPES, "[method]future-incoming-response.get") void response_get(int32_t self, void *result);
IMPORT(TYPES, "[resource-drop]future-incoming-response") void drop_future(int32_t self);
IMPORT(TYPES, "[method]incoming-response.status") int32_t response_status(int32_t self);
IMPORT(TYPES, "[method]incoming-response.headers") int32_t response_headers(int32_t self);
IMPORT(TYPES, "[method]incoming-response.consume") void response_consume(int32_t self, struct handle_result *result);
IMPORT(TYPES, "[resource-drop]incoming-response") void drop_response(int32_t self);

#define PIECE 4096
static _Alignas(8) uint8_t result[64];
static uint8_t page[PIECE];
static int32_t out_stream, out_body;
static uint32_t calls;
static int frees; // The path and the arguments are not needed any more.

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}
static int print(const void *at, size_t length) {
  for (size_t done = 0; done < length;) {
    size_t count = length - done < PIECE ? length - done : PIECE;
    write_and_flush(out_stream, (const char *)at + done, count, result);
    if (result[0] != 0) return 0;
    done += count;
  }
  return 1;
}
static int say(const char *text) { return print(text, length_of(text)); }
static void number(uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = '0' + value % 10; while ((value /= 10) != 0);
  print(digits + at, sizeof digits - at);
}
static uint64_t parsed(struct text text) {
  uint64_t value = 0;
  for (size_t i = 0; i < text.length; i++) value = value * 10 + (uint64_t)(text.at[i] - '0');
  return value;
}
static void add(int32_t fields, const char *name, const char *value) {
  fields_append(fields, name, length_of(name), value, length_of(value), result);
}
static int32_t respond_with(int32_t out, int32_t status, int32_t headers) {
  struct handle_result made;
  int32_t response = new_response(headers);
  if (set_status(response, status)) __builtin_trap();
  response_body(response, &made);
  out_body = made.handle;
  outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
  body_write(out_body, &made);
  return out_stream = made.handle;
}
static void respond(int32_t out) { respond_with(out, 200, new_fields()); }
static void finish(void) {
  drop_output(out_stream);
  body_finish(out_body, 0, 0, result);
}
static void print_fields(int32_t fields) {
  struct list list;
  fields_entries(fields, &list);
  struct entry *entries = list.at;
  for (size_t i = 0; i < list.length; i++) {
    print(entries[i].name.at, entries[i].name.length);
    say(": ");
    print(entries[i].value.at, entries[i].value.length);
    say("\n");
  }
  drop_fields(fields);
}
// Reads a body to its end. Returns its length, or minus one more than the code of its error.
static int64_t read_body(int32_t body, int prints) {
  struct handle_result stream;
  int64_t total = 0;
  body_stream(body, &stream);
  for (;;) {
    blocking_read(stream.handle, 65536, result);
    if (result[0] != 0) break;
    struct text piece = { *(const char **)(result + 4), *(size_t *)(result + 8) };
    total += (int64_t)piece.length;
    if (prints && !print(piece.at, piece.length)) break;
    if (frees) free_all();
  }
  if (result[0] != 0 && result[4] == 0) {
    http_error_code(*(int32_t *)(result + 8), result);
    total = -1 - result[8];
  }
  drop_input(stream.handle);
  return total;
}
static int32_t consumed(int32_t request) {
  struct handle_result body;
  request_consume(request, &body);
  return body.handle;
}
static void print_request(int32_t request, struct text path) {
  struct option_text authority;
  request_method(request, result);
  number(result[0]);
  say(" ");
  print(path.at, path.length);
  request_authority(request, &authority);
  say(" ");
  print(authority.text.at, authority.text.length);
  request_scheme(request, result);
  say(result[0] && result[4] == 0 ? " http\n" : " other\n");
  print_fields(request_headers(request));
}
static void print_error(const uint8_t *code) {
  say("error ");
  number(code[0]);
  say("\n");
}
static void wait_and_drop(int32_t pollable) {
  block(pollable);
  drop_pollable(pollable);
}
static void print_trailers(int32_t body) {
  int32_t future = body_trailers(body);
  wait_and_drop(trailers_subscribe(future));
  trailers_get(future, result);
  if (result[16] != 0) print_error(result + 24);
  else if (result[24] != 0) print_fields(*(int32_t *)(result + 28));
}
// Makes a request: kind, scheme, authority and path follow each other: "ghost:1/path".
static void fetch(struct text target, int32_t method, uint64_t timeout_ms, int32_t source) {
  struct handle_result body;
  int32_t headers = new_fields(), options = new_options();
  add(headers, "x-sent", "yes");
  int32_t request = new_request(headers);
  size_t slash = 1;
  while (slash < target.length && target.at[slash] != '/') slash++;
  set_scheme(request, 1, target.at[0] == 's', NULL, 0);
  set_method(request, method, NULL, 0);
  if (set_authority(request, 1, target.at + 1, slash - 1)) say("no authority\n");
  if (set_path(request, 1, target.at + slash, target.length - slash)) say("no path\n");
  if (timeout_ms != 0) {
    connect_timeout(options, 1, (int64_t)timeout_ms * 1000000);
    first_byte_timeout(options, 1, (int64_t)timeout_ms * 1000000);
    between_bytes_timeout(options, 1, (int64_t)timeout_ms * 1000000);
  }
  if (source != 0) outgoing_body(request, &body);
  send_request(request, 1, options, result);
  if (result[0] != 0) { print_error(result + 8); return; }
  int32_t future = *(int32_t *)(result + 8);
  if (source != 0) {
    struct handle_result stream;
    int32_t response_stream = out_stream, trailers = new_fields();
    body_write(body.handle, &stream);
    out_stream = stream.handle;
    read_body(source, 1);
    drop_output(out_stream);
    out_stream = response_stream;
    add(trailers, "x-trailer", "sent");
    body_finish(body.handle, 1, trailers, result);
  }
  wait_and_drop(response_subscribe(future));
  response_get(future, result);
  if (result[16] != 0) { print_error(result + 24); drop_future(future); return; }
  int32_t response = *(int32_t *)(result + 24);
  drop_future(future);
  number((uint64_t)response_status(response));
  say("\n");
  print_fields(response_headers(response));
  response_consume(response, &body);
  int64_t length = read_body(body.handle, 1);
  if (length < 0) { uint8_t code = (uint8_t)(-1 - length); print_error(&code); }
  say("\n");
  print_trailers(body.handle);
  drop_response(response);
}

static void request(struct text how) {
  struct text target = { how.at + 1, how.length - 1 };
  struct handle_result body;
  switch (how.at[0]) {
    case 'f': fetch(target, 0, 0, 0); break;
    case 'h': fetch(target, 1, 0, 0); break;
    case 'p': fetch(target, 2, 0, 0); break;
    case 'q': fetch(target, 0, 150, 0); break;
    default: { // Drop the response before it is there.
      int32_t request = new_request(new_fields());
      set_scheme(request, 1, 0, NULL, 0);
      set_authority(request, 1, target.at, target.length);
      outgoing_body(request, &body);
      send_request(request, 0, 0, result);
      wait_and_drop(subscribe_duration(100000000));
      drop_future(*(int32_t *)(result + 8));
      drop_body(body.handle);
      say("dropped\n");
    }
  }
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  struct list list;
  get_arguments(&list);
  struct text *args = list.at;
  out_stream = get_stdout();
  for (size_t i = 1; i < list.length; i++) request(args[i]);
  return 0;
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle")
void handle(int32_t incoming, int32_t out) {
  struct option_text path;
  int32_t headers = new_fields();
  request_path(incoming, &path);
  struct text rest = { path.text.at + 2, path.text.length - 2 };
  calls++;
  switch (path.text.length < 2 ? '-' : path.text.at[1]) {
    case 'r': // The request as it is.
      add(headers, "content-type", "text/plain");
      add(headers, "set-cookie", "a=1");
      add(headers, "set-cookie", "b=2");
      respond_with(out, 201, headers);
      print_request(incoming, path.text);
      break;
    case 'e': // Echo.
      frees = 1;
      respond(out);
      print_trailers((read_body(headers = consumed(incoming), 1), headers));
      break;
    case 'n': { // How many bytes the body has.
      frees = 1;
      int64_t length = read_body(consumed(incoming), 0);
      respond(out);
      if (length < 0) { uint8_t code = (uint8_t)(-1 - length); print_error(&code); } else number((uint64_t)length);
      break;
    }
    case 'b': // So many bytes.
      respond(out);
      for (uint64_t left = parsed(rest); left > 0;) {
        size_t count = left < PIECE ? left : PIECE;
        if (!print(page, count)) { out_stream = get_stdout(); say("the client is gone\n"); return; }
        left -= count;
      }
      break;
    case 'c': // How many requests this instance has had.
      respond(out);
      number(calls);
      break;
    case 's': respond_with(out, (int32_t)parsed(rest), headers); say("body"); break;
    case 't': // A trap, before or after the head.
      if (rest.length == 0) __builtin_trap();
      respond(out);
      say("part");
      wait_and_drop(subscribe_duration(20000000));
      __builtin_trap();
    case 'v': return; // Never a response.
    case 'd': drop_outparam(out); return;
    case 'x': outparam_set(out, 1, 15, 0, 0, 0, 0, 0, 0); return;
    case 'l': // A content-length of 3, and so many bytes.
      add(headers, "content-length", "3");
      respond_with(out, 200, headers);
      print("12345", parsed(rest));
      break;
    case 'u': respond(out); say("part"); drop_output(out_stream); drop_body(out_body); return;
    case 'k': respond(out); say("part"); return; // Everything is kept.
    case 'o': drop_body((respond(out), out_body)); return; // The stream is still there: a trap.
    case 'i': // Fields that can't be.
      respond(out);
      fields_append(headers, "x-a", 3, "b\r\nx-c: d", 9, result);
      number(result[0] + result[1]);
      fields_append(headers, "x a", 3, "b", 1, result);
      number(result[0] + result[1]);
      fields_append(headers, "Connection", 10, "b", 1, result);
      number(result[0] + result[1]);
      fields_append(request_headers(incoming), "x-a", 3, "b", 1, result);
      number(result[0] + result[1]);
      break;
    case 'w': wait_and_drop(subscribe_duration(parsed(rest) * 1000000)); respond(out); say("waited"); break;
    case 'f': respond(out); fetch(rest, 0, 0, 0); break; // A request of its own: GET,
    case 'p': respond(out); fetch(rest, 2, 0, consumed(incoming)); break; // or POST of what it gets.
    default: respond_with(out, 404, headers); break;
  }
  finish();
}
