/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the log is told of single packets: refusals, and where the route wants
 * it (`audit`) each PUBLISH with who, where from and how large; never what it
 * carries.
 *
 * An audit line is not lost: while the log is behind, the browser whose next
 * PUBLISH would need one is not read.
 */
#pragma once

#include <stdbool.h>

#include "policy/judge.h"

struct session;

/* For the judge of a session, which is the owner. */
extern const struct judge_events audit_events;

/* A PUBLISH from the browser was judged; its payload is still to come. */
void audit_publish(const struct session *session,
                   const struct verdict *verdict);

/* Whether the session's lines have to wait for the log. */
bool audit_is_behind(const struct session *session);
