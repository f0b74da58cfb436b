/* SPDX-License-Identifier: Apache-2.0 */
/* The check sum CRC32c [RFC 9260 Appendix A]. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* Goes on with `crc`, which is 0 at first. */
uint32_t crc32c(uint32_t crc, struct slice bytes);
