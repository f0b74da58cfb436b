/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler is asked to watch over.
 */
#pragma once

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
