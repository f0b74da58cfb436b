/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running gateway, found by its admin socket.
 */
#pragma once

#include "commands/ask.h"

/*
 * Connects to it. COMMAND_OK, and the connection is the caller's; or it has
 * told on stderr where it looked and what to do, and gives the exit code.
 */
int gateway_connect(const struct ask_place *place, int *fd);
