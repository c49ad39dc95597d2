// Prints the size and alignment of the records of preview 1 and the offset of each of their fields, as the C header
// has them: "filestat size 64 align 8", "filestat.nlink 24".
#include <stddef.h>
#include <stdio.h>
#include <wasi/api.h>

#define RECORD(name) \
  printf(#name " size %zu align %zu\n", sizeof(__wasi_##name##_t), _Alignof(__wasi_##name##_t))
#define FIELD(name, field) printf(#name "." #field " %zu\n", offsetof(__wasi_##name##_t, field))

int main(void) {
  RECORD(dirent);
  FIELD(dirent, d_next);
  FIELD(dirent, d_ino);
  FIELD(dirent, d_namlen);
  FIELD(dirent, d_type);

  RECORD(fdstat);
  FIELD(fdstat, fs_filetype);
  FIELD(fdstat, fs_flags);
  FIELD(fdstat, fs_rights_base);
  FIELD(fdstat, fs_rights_inheriting);

  RECORD(filestat);
  FIELD(filestat, dev);
  FIELD(filestat, ino);
  FIELD(filestat, filetype);
  FIELD(filestat, nlink);
  FIELD(filestat, size);
  FIELD(filestat, atim);
  FIELD(filestat, mtim);
  FIELD(filestat, ctim);

  RECORD(prestat);
  FIELD(prestat, tag);
  FIELD(prestat, u.dir.pr_name_len);

  RECORD(iovec);
  FIELD(iovec, buf);
  FIELD(iovec, buf_len);
  RECORD(ciovec);
  FIELD(ciovec, buf);
  FIELD(ciovec, buf_len);

  RECORD(subscription);
  FIELD(subscription, userdata);
  FIELD(subscription, u.tag);
  FIELD(subscription, u.u.clock.id);
  FIELD(subscription, u.u.clock.timeout);
  FIELD(subscription, u.u.clock.precision);
  FIELD(subscription, u.u.clock.flags);
  FIELD(subscription, u.u.fd_read.file_descriptor);
  FIELD(subscription, u.u.fd_write.file_descriptor);

  RECORD(event);
  FIELD(event, userdata);
  FIELD(event, error);
  FIELD(event, type);
  FIELD(event, fd_readwrite.nbytes);
  FIELD(event, fd_readwrite.flags);
  return 0;
}
