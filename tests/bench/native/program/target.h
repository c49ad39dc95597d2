/* What the measured calls are on a target: preview 1 in target_wasi.h, the system's own in target_posix.h. */

#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Where the operands of a call are. */
enum { WORK, DEVICES, DIRECTORIES };

enum { READS = 1, WRITES = 2, CREATES = 4, LISTS = 8 };

/* All functions answer 0, or the number of an error as the target counts them. */
#define CALL static inline __attribute__((always_inline, warn_unused_result)) int

/* What is no error of the target, but should not be either. */
enum { WRONG_RESULT = 9999 };

#ifdef __wasm__
#include "target_wasi.h"
#else
#include "target_posix.h"
#endif

#endif
