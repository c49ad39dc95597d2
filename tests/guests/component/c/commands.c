// Does what it is told: a call of the host for each command. Commands come by calls of `perform`, or, when it is run, from
// the host's `next`.
#include "commands.h"
#include "commands_files.h"
#include "commands_sockets.h"

IMPORT("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration") int32_t subscribe_duration(uint64_t when);
IMPORT("wasi:cli/exit@0.2.12", "exit-with-code") void exit_with_code(int32_t code);
IMPORT("test:commands/host", "next") void host_next(const char *reply, size_t length, struct list *result);

static void do_command(const char *at, size_t length) {
  reply_length = 0;
  split(at, length);
  if (network == 0) network = instance_network();
  if (file_command() || stream_command() || tcp_command() || udp_command() || drop_command()) return;
  if (is("trap")) __builtin_trap();
  if (is("exit")) exit_with_code(handle(1));
  if (is("wait")) { wait_for(subscribe_duration(number(1))); put("ok"); return; }
  if (is("hoard-pollables")) for (;;) subscribe_duration(0);
  put("unknown command");
}

EXPORT("perform")
struct list *perform(const char *at, size_t length) {
  static struct list result;
  do_command(at, length);
  result.at = reply;
  result.length = reply_length;
  return &result;
}
EXPORT("cabi_post_perform")
void after_perform(struct list *result) {
  (void)result;
  free_all();
}

EXPORT("wasi:cli/run@0.2.12#run")
int32_t run(void) {
  struct list command;
  for (;;) {
    free_all();
    host_next(reply, reply_length, &command);
    if (command.length == 0) return 0;
    do_command(command.at, command.length);
  }
}
