/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the admin socket is: the setting, or else the folder that the service
 * manager made for the gateway, or that of the user, by the first port.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"

struct config;

/*
 * Writes it. False: there is none, or it is longer than `size` (that of
 * sun_path). Without `config` only the environment tells.
 */
bool admin_path(const struct config *config, char *path,
                size_t size) MUST_CHECK;
