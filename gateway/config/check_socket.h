/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of config/check.h that is about Unix sockets to listen on.
 */
#pragma once

#include "config/config.h"

/* Adds an error when it cannot be the path of one; not set is fine. */
void check_socket_path(const struct config_text *path,
                       struct problems *problems);

/* The same for its access rights. */
void check_socket_mode(const struct config_text *mode,
                       struct problems *problems);
